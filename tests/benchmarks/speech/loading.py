"""What a worker's first segment costs: from the start of its process to the first words.

    python -m tests.benchmarks.speech.loading [--models base tiny.en] [--rounds 3]

Weights from a directory, from a bucket (the stand-in on this machine: what is measured is
the client and the checks, not a network) and from the development packages, with an empty
cache; from a directory also with its files out of the page cache. Each time a new process,
which recognizes eleven seconds. Medians.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from statistics import median

from scripts.local.gcs import StorageServer
from tests.benchmarks.speech.first_words import bucket
from tests.support.sound.recognizers import packaged_weights

BUCKET = "models"
STEPS = ("import", "weights", "load", "recognize")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="+", default=["base", "tiny.en"])
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    print(f"| model | weights from | {' s | '.join(STEPS)} s | together s |")
    print("|---|---|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as folder, _serving(Path(folder) / "gcs"):
        for model in asked.models:
            directory = Path(folder) / model
            shutil.copytree(packaged_weights(model, Path(folder) / "cache"), directory)
            for file in directory.iterdir():
                bucket(BUCKET).create(f"{model}/{file.name}", file.read_bytes(), "any/thing")
            for name, source, cold in (
                ("directory", str(directory), False),
                ("directory, not in the page cache", str(directory), True),
                ("bucket", f"gs://{BUCKET}/{model}", False),
                ("package", model, False),
            ):
                runs = [_run(source, directory if cold else None) for _ in range(asked.rounds)]
                steps = [median(run[step] for run in runs) for step in STEPS]
                together = median(sum(run.values()) for run in runs)
                print(
                    f"| {model} | {name} | {' | '.join(f'{step:.2f}' for step in steps)} "
                    f"| {together:.2f} |",
                    flush=True,
                )


def _run(source: str, evicted: Path | None) -> dict[str, float]:
    for file in evicted.iterdir() if evicted else ():
        with file.open("rb") as stream:
            os.fsync(stream.fileno())  # only what is on disk can be let go
            os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    with tempfile.TemporaryDirectory() as cache:
        began = time.time()
        told = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.speech.first_words", source, cache],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout
    moments = [began, *json.loads(told)]
    return {step: end - start for step, (start, end) in zip(STEPS, pairwise(moments), strict=True)}


@contextmanager
def _serving(root: Path) -> Iterator[None]:
    server = StorageServer(root, port=0, signing_keys={}, publish=lambda *_: None)
    server.start()
    server.ensure_bucket(BUCKET)
    os.environ["STORAGE_EMULATOR_HOST"] = server.url
    try:
        yield
    finally:
        server.stop()


if __name__ == "__main__":
    main()
