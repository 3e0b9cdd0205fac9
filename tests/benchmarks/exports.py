"""Every file of a lecture of one hour: time and peak memory, each format in a process of its own,
then all of them together as the export function makes them.

    python -m tests.benchmarks.exports [LANGUAGE]

Memory is what the process and the one child it may have (the booklet's) held at most, with the
interpreter and everything imported; the floor is a process that renders nothing.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import cycle

from functions.export.document import LectureDocument
from functions.export.formats.registry import FORMATS
from functions.export.renderer import render_all
from tests.unit.export.documents import lecture
from tests.unit.export.scripts import SENTENCES

TOGETHER = "all, and the archive"
NOTHING = "(nothing)"
ROUNDS = 3
_SENTENCES_AN_HOUR = 650
_SIZE = 3
"""Nine sections of summary, 24 terms, 36 cards, 24 questions: what an hour's lecture gives."""


def hour(language: str) -> LectureDocument:
    """An hour of speech; the sentences are English, or one in the language that is asked for."""
    turn = cycle([SENTENCES[language]]) if language != "en" else None
    return lecture(
        said=_SENTENCES_AN_HOUR,
        size=_SIZE,
        language=language,
        wording=(lambda _: next(turn)) if turn else str,
    )


def one(what: str, language: str) -> dict[str, float]:
    """In this process."""
    document = hour(language)
    began = time.perf_counter()
    if what == TOGETHER:
        rendering = render_all(document, FORMATS.values())
        if rendering.failures:
            raise SystemExit(f"failed: {rendering.failures}")
        size = sum(len(file.data) for file in rendering.files)
    elif what == NOTHING:
        size = 0
    else:
        size = len(FORMATS[what].render(document))
    return {
        "sec": time.perf_counter() - began,
        "own_mib": _peak_mib(resource.RUSAGE_SELF),
        "child_mib": _peak_mib(resource.RUSAGE_CHILDREN),
        "kib": size / 1024,
        "minutes": document.duration_sec / 60,
    }


def _peak_mib(whose: int) -> float:
    return resource.getrusage(whose).ru_maxrss / 1024


def rows(language: str) -> Iterator[tuple[str, dict[str, float]]]:
    """The fastest of the rounds, each in a fresh process."""
    for what in (NOTHING, *FORMATS, TOGETHER):
        yield what, min((_measured(what, language) for _ in range(ROUNDS)), key=lambda x: x["sec"])


def _measured(what: str, language: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", __spec__.name, "--one", what, language],
        stdout=subprocess.PIPE,
        check=True,
    )
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("language", nargs="?", default="en", choices=["en", *SENTENCES])
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.one:
        print(json.dumps(one(given.one, given.language)))
        return
    for number, (what, measured) in enumerate(rows(given.language)):
        if number == 0:
            print(f"{measured['minutes']:.0f} minutes of speech in {given.language}\n")
            print("| file | s | peak MiB, own | and its child | size, KiB |")
            print("|---|--:|--:|--:|--:|")
        print(
            f"| {what} | {measured['sec']:.2f} | {measured['own_mib']:.0f} "
            f"| {measured['child_mib']:.0f} | {measured['kib']:.0f} |"
        )


if __name__ == "__main__":
    main()
