"""`make demo` as a stranger runs it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.local.ports import find_free
from scripts.local.postgres.cluster import Postgres
from scripts.local.processes.watchdog import python_options
from scripts.local.stack import ROOT
from shared.documents.artifacts import ArtifactType
from shared.topology import load_topology
from tests.support.sound.speech import clip


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "home"
    Postgres(tmp_path / "home" / "postgres", port=0).remove()


def run_demo(home: Path, recording: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    ports = find_free(tuple(load_topology().functions))
    return subprocess.run(
        [sys.executable, *python_options(home.parent), "-m", "scripts.demo"],
        cwd=ROOT,
        env={
            **os.environ,
            "PEGASUS_HOME": str(home),
            "PORT": str(ports.api),
            "LECTURE": str(recording),
            "PLC_WHISPER_MODEL": "tiny.en",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        start_new_session=True,
    )


@pytest.mark.slow
def test_it_takes_any_recording_and_leaves_every_file_it_names(tmp_path: Path, home: Path) -> None:
    recording = tmp_path / "Vorlesung 3 – Märkte.flac"
    recording.write_bytes(clip("economics", seconds=40))

    demo = run_demo(home, recording, COURSE="economics", PRESET="beginner")

    assert demo.returncode == 0, demo.stdout + demo.stderr
    named = [Path(line.strip()) for line in demo.stdout.partition("\nFiles\n")[2].splitlines()]
    named = [path for path in named if path.is_absolute()]
    assert all(path.stat().st_size > 0 for path in named)
    (folder,) = (home / "demo").iterdir()
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert {str(path.relative_to(folder)) for path in named} == found
    assert found >= {
        "lecture.json",
        "transcript.json",
        "threads.json",
        "timings.json",
        *(f"artifacts/{kind}.json" for kind in ArtifactType),
    }
    assert {Path(name).suffix for name in found if name.startswith("exports/")} == {
        ".apkg",
        ".csv",
        ".docx",
        ".json",
        ".md",
        ".pdf",
        ".srt",
        ".txt",
        ".vtt",
        ".zip",
    }
    assert "connection lost on purpose" in demo.stdout
    timings = json.loads((folder / "timings.json").read_text())
    assert timings["total"] >= timings["transcription"] > 0
    assert json.loads((folder / "lecture.json").read_text())["presetId"] == "beginner"


@pytest.mark.slow
def test_it_ends_with_the_reason_when_the_lecture_fails(tmp_path: Path, home: Path) -> None:
    recording = tmp_path / "essay.mp3"
    recording.write_text("This is an essay and no recording. " * 100)

    demo = run_demo(home, recording)

    assert demo.returncode == 1
    assert "not_audio" in demo.stderr
