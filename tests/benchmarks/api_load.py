"""The API under load, beside a bare function with one SELECT: requests a second, latencies.

    python -m tests.benchmarks.api_load [SECONDS [ROUNDS]]

One process each, with the same server settings, on the same Postgres. Every load runs
against both in turns of SECONDS, so that whatever the machine does meanwhile meets both.
"""

import json
import multiprocessing
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

from scripts.local.processes.lifetime import end_in_order
from tests.benchmarks.api_scene import CONNECTIONS, THREADS, WRITTEN, Scene, scene
from tests.benchmarks.closed_loop import HOST, UNIQUE, Load, Outcome, Shot, drive
from tests.benchmarks.processes import end_with_parent

CLIENT_CONNECTIONS = 8
WARM_UP_SEC = 1.5
Client = Callable[[Load], Outcome]


@dataclass(frozen=True)
class Row:
    name: str
    own: list[Outcome]
    hello: list[Outcome]
    """Of the same rounds."""

    def cells(self) -> str:
        latencies = sorted(each for outcome in self.own for each in outcome.latencies_ms)
        p50, p95, p99 = (latencies[int(len(latencies) * share)] for share in (0.5, 0.95, 0.99))
        hello = median(outcome.rate for outcome in self.hello)
        times = median(b.rate / a.rate for a, b in zip(self.own, self.hello, strict=True))
        return (
            f"| {self.name} | {median(outcome.rate for outcome in self.own):.0f} "
            f"| {p50:.1f} | {p95:.1f} | {p99:.1f} | {hello:.0f} | {times:.2f}× |"
        )


def loads(place: Scene) -> dict[str, tuple[Shot, ...]]:
    read = Shot.of("GET", f"/lectures/{place.completed}")
    listed = Shot.of("GET", "/lectures?limit=20")
    progress = Shot.of("GET", f"/lectures/{place.under_way}/progress")
    transcript = f"/lectures/{place.completed}/transcript"
    known = Shot.of(
        "GET",
        transcript,
        status=304,
        headers=[("If-None-Match", _etag(place.api_port, transcript))],
    )
    announced = {
        "courseId": "algorithms",
        "lectureId": WRITTEN + UNIQUE,
        "title": "Hashing",
        "contentType": "audio/wav",
        "sizeBytes": 32_000,
    }
    write = Shot.of("POST", "/lectures/ingest", status=201, body=json.dumps(announced).encode())
    return {
        "read: GET /lectures/{id}": (read,),
        "list: GET /lectures?limit=20": (listed,),
        "progress: GET /lectures/{id}/progress": (progress,),
        "conditional read: transcript, 304": (known,),
        "write: POST /lectures/ingest": (write,),
        # One in ten writes; the reads are what a phone asks for, most often first.
        "mix: 90 % reads, 10 % writes": (
            *(read, progress, listed, progress, write),
            *(read, known, progress, read, listed),
        ),
    }


def _etag(port: int, path: str) -> str:
    connection = HTTPConnection(HOST, port, timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.headers["ETag"]


def measure(place: Scene, client: Client, *, seconds: float, rounds: int) -> list[Row]:
    hello = (Shot.of("GET", f"/{place.completed}"),)

    def run(port: int, shots: tuple[Shot, ...], for_sec: float = seconds) -> Outcome:
        return client(Load(port, shots, connections=CLIENT_CONNECTIONS, seconds=for_sec))

    run(place.hello_port, hello, WARM_UP_SEC)
    rows = []
    for name, shots in loads(place).items():
        row = Row(name, [], [])
        run(place.api_port, shots, WARM_UP_SEC)
        for turn in range(rounds):
            place.forget_written()
            sides = [(row.own, place.api_port, shots), (row.hello, place.hello_port, hello)]
            # Each goes first as often as the other.
            for outcomes, port, sent in sides if turn % 2 else reversed(sides):
                outcomes.append(run(port, sent))
        rows.append(row)
    of_all = [outcome for row in rows for outcome in row.hello]
    return [Row("hello: one SELECT", of_all, of_all), *rows]


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 6
    end_in_order()
    spawn = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory() as folder,
        scene(Path(folder)) as place,
        ProcessPoolExecutor(1, mp_context=spawn, initializer=end_with_parent) as pool,
    ):
        rows = measure(
            place,
            lambda load: pool.submit(drive, load).result(),
            seconds=seconds,
            rounds=rounds,
        )
    print(
        f"{os.cpu_count()} CPUs ({platform.machine()}), Python {platform.python_version()}; "
        f"{THREADS} threads, {CONNECTIONS} database connections, {CLIENT_CONNECTIONS} clients; "
        f"{rounds} rounds of {seconds:g} s\n"
    )
    print("| load | requests/s | p50 ms | p95 ms | p99 ms | hello requests/s | hello is faster |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for row in rows:
        print(row.cells())


if __name__ == "__main__":
    main()
