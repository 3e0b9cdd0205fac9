"""The smoke test: its harnesses, what they notice, and runs through a whole Pegasus."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from scripts.local.stack import ROOT
from tests.operations.drill_stack import DrillStack
from tests.support.processes.running_stack import RunningStack

SMOKE = ROOT / "scripts" / "smoke_worker_queue.sh"
STUBBED = ROOT / "scripts" / "test_smoke_worker_queue.sh"
SERVED = ROOT / "scripts" / "test_smoke_worker_queue_http.sh"
SPEECH = ROOT / "tests" / "data" / "speech" / "librivox-austen-0880.flac"
TIMEOUT_SEC = 240
PATH = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

BREAKS = {
    "the token goes to the bucket": (
        'request POST "$URL" --header',
        'request POST "$URL" "${AUTH[@]}" --header',
        "the token is shown to the API, never to the bucket",
    ),
    "the operator's recording is deleted": (
        "trap 'rm -rf \"$WORK\"' EXIT",
        'trap \'rm -rf "$WORK" "$AUDIO"\' EXIT',
        "the recording arrives as it is",
    ),
}

Harness = subprocess.Popen[str]


@contextmanager
def begun(scripts: Mapping[str, tuple[Path, Path]]) -> Iterator[dict[str, Harness]]:
    """Harnesses by name, each with the script that it tries; all begun together, as they wait
    more than they work."""
    harnesses = {
        name: subprocess.Popen(
            [str(script)],
            env={**os.environ, "PATH": PATH, "SMOKE_SCRIPT": str(smoke)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        for name, (script, smoke) in scripts.items()
    }
    yield harnesses
    for each in harnesses.values():
        # With what it has started, which holds its output open.
        with suppress(ProcessLookupError):
            os.killpg(each.pid, signal.SIGKILL)
        each.communicate()


@pytest.fixture(scope="module")
def served() -> Iterator[Harness]:
    with begun({"served": (SERVED, SMOKE)}) as harnesses:
        yield harnesses["served"]


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Harness]]:
    """Of slow tests."""
    folder = tmp_path_factory.mktemp("broken")
    scripts = {"stubbed": (STUBBED, SMOKE)}
    for number, (what, (right, wrong, _)) in enumerate(BREAKS.items()):
        text = SMOKE.read_text()
        assert text.count(right) == 1, "what is to be broken is not there any more"
        path = folder / f"{number}.sh"
        path.write_text(text.replace(right, wrong))
        scripts[what] = (SERVED, path)
    with begun(scripts) as harnesses:
        yield harnesses


@pytest.fixture
def pegasus(served: Harness, drilled: DrillStack) -> RunningStack:
    return drilled.running


def smoke(pegasus: RunningStack, **switches: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(SMOKE)],
        env={
            "PATH": PATH,
            "API_BASE_URL": pegasus.stack.api_url,
            "SMOKE_POLL_INTERVAL_SEC": "0.2",
            "SMOKE_TIMEOUT_SEC": "120",
            **switches,
        },
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SEC,
        check=False,
    )


@pytest.mark.selection
def test_speech_goes_all_the_way_to_a_booklet_and_not_twice(
    pegasus: RunningStack, tmp_path: Path
) -> None:
    recording = tmp_path / "speech.flac"
    recording.write_bytes(SPEECH.read_bytes())
    switches = {
        "SMOKE_AUDIO_FILE": str(recording),
        "SMOKE_LECTURE_ID": "smoke-speech",
        "SMOKE_COURSE_ID": "smoke-course",
        "SMOKE_PRESET_ID": "seminar",
        "SMOKE_MODEL": "tiny.en",
    }

    done = smoke(pegasus, **switches)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "started by the upload" in done.stdout
    assert "the booklet has" in done.stdout
    lecture = pegasus.client.get("/lectures/smoke-speech")
    assert (lecture["courseId"], lecture["presetId"]) == ("smoke-course", "seminar")
    transcriptions = [job for job in pegasus.jobs("smoke-speech") if job.type == "transcription"]
    assert [job.params.get("model") for job in transcriptions] == [None, "tiny.en"]

    again = smoke(pegasus, **switches)

    assert again.returncode == 20
    assert "conflict" in again.stderr
    assert recording.read_bytes() == SPEECH.read_bytes()


@pytest.mark.slow
def test_silence_ends_as_it_should_and_leaves_nothing(pegasus: RunningStack) -> None:
    done = smoke(pegasus)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "no speech was found" in done.stdout
    assert "deleted the lecture" in done.stdout
    lectures = pegasus.client.get("/courses/smoke/lectures")["lectures"]
    assert not [each for each in lectures if each["lectureId"].startswith("smoke-2")]


@pytest.mark.slow
def test_asked_for_by_hand_it_works_as_well(pegasus: RunningStack) -> None:
    done = smoke(pegasus, SMOKE_REQUIRE_QUEUE_PATH="0")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "started by this script" in done.stdout


@pytest.mark.slow
def test_every_branch_ends_as_it_should(others: dict[str, Harness]) -> None:
    told, _ = others["stubbed"].communicate(timeout=TIMEOUT_SEC)

    assert others["stubbed"].returncode == 0, told
    assert told.splitlines()[-1].endswith(" runs, 0 failures")


def test_it_behaves_towards_a_server(served: Harness) -> None:
    told, _ = served.communicate(timeout=TIMEOUT_SEC)

    assert served.returncode == 0, told


@pytest.mark.slow
@pytest.mark.parametrize("what", BREAKS)
def test_the_harness_notices_when(others: dict[str, Harness], what: str) -> None:
    told, _ = others[what].communicate(timeout=TIMEOUT_SEC)

    assert others[what].returncode == 1
    assert BREAKS[what][2] in told
