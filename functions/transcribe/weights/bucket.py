"""Weights from a bucket, fetched in parallel parts."""

import base64
import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Protocol

import google_crc32c

from functions.transcribe.weights.atomic_directory import build_once
from shared.errors import ModelUnavailableError, TransientError
from shared.storage.bucket import StoredObject

PART_BYTES = 16 << 20
WORKERS = 8
"""Eight streams fill the network of a small function; one alone reaches a fraction."""


class Bucket(Protocol):
    """What is needed of shared.storage.bucket.ObjectStore."""

    def list(self, prefix: str) -> Iterable[StoredObject]: ...

    def open(
        self, name: str, *, generation: int | None = None
    ) -> AbstractContextManager[IO[bytes]]: ...


BucketOpener = Callable[[str], Bucket]
"""From a bucket's name to the bucket: it need not be the one that holds the lectures."""


def from_bucket(uri: str, *, cache_dir: Path, open_bucket: BucketOpener) -> Path:
    """Fetch every object directly under `gs://bucket/prefix` into a folder of `cache_dir`.

    The folder's name holds the objects' generations: new weights go to a new folder.
    Raises ModelUnavailableError if there is nothing, TransientError if the storage fails.
    """
    bucket_name, _, prefix = uri.removeprefix("gs://").partition("/")
    folder = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
    bucket = open_bucket(bucket_name)
    objects = [
        found
        for found in bucket.list(folder)
        if found.size and "/" not in found.name.removeprefix(folder)
    ]
    if not objects:
        raise ModelUnavailableError(f"there is no speech model at {uri}")
    state = "\n".join(f"{found.name} {found.generation}" for found in objects)
    key = hashlib.sha256(f"{bucket_name}\n{state}".encode()).hexdigest()[:16]
    return build_once(
        cache_dir / "bucket" / key,
        lambda building: _fetch(bucket, objects, len(folder), building),
    )


def _fetch(bucket: Bucket, objects: Sequence[StoredObject], folder: int, building: Path) -> None:
    with ThreadPoolExecutor(WORKERS) as pool:
        parts = []
        for found in objects:
            file = building / found.name[folder:]
            file.touch()
            os.truncate(file, found.size)
            parts += [
                pool.submit(_fetch_part, bucket, found, file, start)
                for start in range(0, found.size, PART_BYTES)
            ]
        for part in parts:
            part.result()
    for found in objects:
        _check_arrived(found, building / found.name[folder:])


def _check_arrived(found: StoredObject, file: Path) -> None:
    """Storage checks no checksum of a ranged read, so the whole is checked here."""
    checksum = 0
    with file.open("rb") as stream:
        while block := stream.read(1 << 20):
            checksum = google_crc32c.extend(checksum, block)
    if base64.b64encode(checksum.to_bytes(4, "big")).decode() != found.crc32c:
        raise TransientError(f"storage: {found.name} arrived damaged")


def _fetch_part(bucket: Bucket, found: StoredObject, file: Path, start: int) -> None:
    left = min(PART_BYTES, found.size - start)
    with (
        bucket.open(found.name, generation=found.generation) as stream,
        file.open("r+b") as target,
    ):
        stream.seek(start)
        target.seek(start)
        while left:
            data = stream.read(min(left, 1 << 20))
            if not data:
                raise TransientError(f"storage: {found.name} broke off")
            target.write(data)
            left -= len(data)
