import base64
import hashlib
import io
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import google_crc32c
import pytest

from functions.transcribe.weights.atomic_directory import build_once
from functions.transcribe.weights.bucket import PART_BYTES
from functions.transcribe.weights.digests import PUBLISHED, Published, check_digest
from functions.transcribe.weights.package import from_package
from functions.transcribe.weights.sources import locate_weights
from shared.errors import ModelUnavailableError, ObjectMissingError, TransientError
from shared.log import configure_logging
from shared.storage.bucket import StoredObject
from tests.support.lectures.builders import make_settings

FILES = {"config.json": b"{}", "model.bin": b"weights", "tokenizer.json": b"{}"}


def crc32c(data: bytes) -> str:
    return base64.b64encode(google_crc32c.value(data).to_bytes(4, "big")).decode()


class MemoryBucket:
    def __init__(self, objects: dict[str, bytes], *, generation: int = 1) -> None:
        self.objects = objects
        self.generation = generation
        self.opened = 0
        self.failing = False
        self.damaging = False

    def list(self, prefix: str) -> Iterator[StoredObject]:
        for name in sorted(self.objects):
            if name.startswith(prefix):
                yield StoredObject(
                    name=name,
                    generation=self.generation,
                    size=len(self.objects[name]),
                    crc32c=crc32c(self.objects[name]),
                    content_type="application/octet-stream",
                    created_at=datetime(2026, 1, 1, tzinfo=UTC),
                )

    @contextmanager
    def open(self, name: str, *, generation: int | None = None) -> Iterator[IO[bytes]]:
        self.opened += 1
        if self.failing and name.endswith("tokenizer.json"):
            raise TransientError("storage went away")
        if generation != self.generation:
            raise ObjectMissingError(f"{name} of generation {generation} is gone")
        data = self.objects[name]
        yield io.BytesIO(bytes(len(data)) if self.damaging else data)


def no_bucket(name: str) -> MemoryBucket:
    raise AssertionError(f"bucket {name} was asked")


def no_hub(model: str, revision: str | None, cache_dir: Path) -> Path:
    raise AssertionError(f"the hub was asked for {model}")


def filled(directory: Path, files: dict[str, bytes] | None = None) -> Path:
    directory.mkdir(parents=True)
    for name, data in (FILES if files is None else files).items():
        (directory / name).write_bytes(data)
    return directory


def test_a_directory_is_taken_as_it_is(tmp_path: Path) -> None:
    own = filled(tmp_path / "my-model")

    found = locate_weights(
        str(own), cache_dir=tmp_path / "cache", open_bucket=no_bucket, download=no_hub
    )

    assert found == own


def test_an_incomplete_directory_is_refused_by_what_it_lacks(tmp_path: Path) -> None:
    own = filled(tmp_path / "my-model", {"config.json": b"{}"})

    with pytest.raises(ModelUnavailableError, match=r"lacks model\.bin, tokenizer\.json"):
        locate_weights(
            str(own), cache_dir=tmp_path / "cache", open_bucket=no_bucket, download=no_hub
        )


def test_a_directory_that_is_not_there_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError, match="lacks"):
        locate_weights(
            str(tmp_path / "gone"), cache_dir=tmp_path, open_bucket=no_bucket, download=no_hub
        )


def test_a_folder_that_happens_to_bear_a_models_name_is_not_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path / "small")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(AssertionError, match="the hub was asked for small"):
        locate_weights(
            "small", cache_dir=tmp_path / "cache", open_bucket=no_bucket, download=no_hub
        )


class TestBucket:
    def locate(
        self, bucket: MemoryBucket, tmp_path: Path, uri: str = "gs://weights/own/v1"
    ) -> Path:
        return locate_weights(
            uri, cache_dir=tmp_path / "cache", open_bucket=lambda _name: bucket, download=no_hub
        )

    def test_weights_are_fetched_once_and_whole(self, tmp_path: Path) -> None:
        # More than two parts, so that parts must land in their places.
        big = bytes(range(251)) * (2 * PART_BYTES // 251 + 1000)
        files = FILES | {"model.bin": big}
        bucket = MemoryBucket({f"own/v1/{name}": data for name, data in files.items()})

        first = self.locate(bucket, tmp_path)
        opened = bucket.opened
        second = self.locate(bucket, tmp_path, "gs://weights/own/v1/")

        assert first == second
        assert bucket.opened == opened
        assert {file.name: file.read_bytes() for file in first.iterdir()} == files

    def test_new_weights_replace_old_ones(self, tmp_path: Path) -> None:
        old = MemoryBucket({f"own/v1/{name}": data for name, data in FILES.items()})
        newer = FILES | {"model.bin": b"better"}
        new = MemoryBucket({f"own/v1/{name}": d for name, d in newer.items()}, generation=2)

        self.locate(old, tmp_path)

        assert (self.locate(new, tmp_path) / "model.bin").read_bytes() == b"better"

    def test_a_broken_download_leaves_nothing_that_looks_whole(self, tmp_path: Path) -> None:
        bucket = MemoryBucket({f"own/v1/{name}": data for name, data in FILES.items()})
        bucket.failing = True
        with pytest.raises(TransientError):
            self.locate(bucket, tmp_path)
        bucket.failing = False

        assert (self.locate(bucket, tmp_path) / "tokenizer.json").read_bytes() == b"{}"
        assert len(list((tmp_path / "cache" / "bucket").iterdir())) == 1

    def test_what_arrives_damaged_is_not_used(self, tmp_path: Path) -> None:
        bucket = MemoryBucket({f"own/v1/{name}": data for name, data in FILES.items()})
        bucket.damaging = True

        with pytest.raises(TransientError, match="damaged"):
            self.locate(bucket, tmp_path)

    def test_an_empty_prefix_is_no_model(self, tmp_path: Path) -> None:
        bucket = MemoryBucket({"own/v10/model.bin": b"another"})

        with pytest.raises(ModelUnavailableError, match="gs://weights/own/v1"):
            self.locate(bucket, tmp_path)

    def test_what_bears_a_published_name_must_be_it(self, tmp_path: Path) -> None:
        bucket = MemoryBucket({f"models/base/{name}": data for name, data in FILES.items()})

        with pytest.raises(ModelUnavailableError, match="sha256"):
            self.locate(bucket, tmp_path, "gs://weights/models/base")


class Sources:
    """The three sources of a name, each of which can be withdrawn or damaged."""

    def __init__(self, folder: Path) -> None:
        self.cache = folder / "cache"
        self.installed = filled(folder / "installed")
        self.hub_has: bytes | None = b"weights"
        self.hub_fails: Exception = TransientError("the hub does not answer")
        self.package: Path | None = self.installed
        self.asked: list[str] = []

    def locate(self, model: str = "tiny.en") -> Path:
        return locate_weights(
            model,
            cache_dir=self.cache,
            open_bucket=no_bucket,
            download=self._hub,
            find_folder=self._package,
        )

    def _hub(self, model: str, revision: str | None, cache_dir: Path) -> Path:
        self.asked.append("hub")
        if self.hub_has is None:
            raise self.hub_fails
        name = (
            PUBLISHED[model].repository if model in PUBLISHED else f"Systran/faster-whisper-{model}"
        )
        # As the hub's client lays its cache out, which `from_hub_cache` reads.
        repository = cache_dir / f"models--{name.replace('/', '--')}"
        reference = repository / "refs" / "main"
        reference.parent.mkdir(parents=True, exist_ok=True)
        reference.write_text(revision or "0" * 40)
        snapshot = repository / "snapshots" / (revision or "0" * 40)
        if not snapshot.exists():
            filled(snapshot, FILES | {"model.bin": self.hub_has})
        return snapshot

    def _package(self, package: str, folder: str) -> Path | None:
        self.asked.append("package")
        return self.package


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sources:
    digest = hashlib.sha256(b"weights").hexdigest()
    known = PUBLISHED["tiny.en"]
    monkeypatch.setitem(PUBLISHED, "tiny.en", Published(known.repository, known.revision, digest))
    return Sources(tmp_path)


class TestSources:
    def test_the_hub_comes_before_the_package_and_the_cache_before_both(
        self, sources: Sources
    ) -> None:
        first = sources.locate()
        second = sources.locate()

        assert sources.asked == ["hub"]
        assert first == second
        assert PUBLISHED["tiny.en"].revision in str(first)

    def test_without_the_hub_the_package_is_taken_and_kept(self, sources: Sources) -> None:
        sources.hub_has = None

        first = sources.locate()
        second = sources.locate()

        assert sources.asked == ["hub", "package"], "the second time the cache has it"
        assert first == second
        assert {each.name for each in first.iterdir()} == set(FILES)

    def test_without_the_package_the_hub_is_enough(self, sources: Sources) -> None:
        sources.package = None

        assert (sources.locate() / "model.bin").read_bytes() == b"weights"

    def test_a_cache_is_enough_when_both_are_withdrawn(self, sources: Sources) -> None:
        sources.locate()
        sources.hub_has = sources.package = None

        assert (sources.locate() / "model.bin").read_bytes() == b"weights"

    def test_none_is_told_with_each_source_and_what_to_do(self, sources: Sources) -> None:
        sources.hub_has = sources.package = None

        with pytest.raises(TransientError) as caught:
            sources.locate()

        told = caught.value.message
        assert "hub: the hub does not answer" in told
        assert "package: has none" in told
        assert "PLC_WHISPER_MODEL" in told

    def test_a_model_that_the_hub_does_not_have_is_not_tried_again(self, sources: Sources) -> None:
        sources.hub_has = sources.package = None
        sources.hub_fails = ModelUnavailableError("there is no speech model")

        with pytest.raises(ModelUnavailableError, match="there is no speech model"):
            sources.locate()

    def test_what_the_hub_sends_with_another_digest_is_passed_over(self, sources: Sources) -> None:
        sources.hub_has = b"another"

        assert (sources.locate() / "model.bin").read_bytes() == b"weights"
        assert sources.asked == ["hub", "package"]

    def test_a_package_with_another_digest_is_refused(self, sources: Sources) -> None:
        sources.hub_has = None
        (sources.installed / "model.bin").write_bytes(b"another")

        with pytest.raises(TransientError, match=r"package: .* not the published one"):
            sources.locate()

    def test_a_cached_package_that_is_damaged_or_gone_is_made_anew(self, sources: Sources) -> None:
        sources.hub_has = None
        kept = sources.locate()
        (kept / "model.bin").unlink()

        again = sources.locate()

        assert again == kept
        assert (again / "model.bin").read_bytes() == b"weights"

    def test_each_source_is_named_while_it_is_tried(
        self, sources: Sources, capsys: pytest.CaptureFixture[str]
    ) -> None:
        sources.hub_has = None
        configure_logging(make_settings())
        sources.locate()

        events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [(each["message"], each["source"]) for each in events] == [
            ("weights.trying", "cache_of_hub"),
            ("weights.missing", "cache_of_hub"),
            ("weights.trying", "cache_of_packages"),
            ("weights.missing", "cache_of_packages"),
            ("weights.trying", "hub"),
            ("weights.missing", "hub"),
            ("weights.trying", "package"),
            ("weights.found", "package"),
        ]

    def test_a_name_without_a_known_digest_is_fetched_unpinned_and_kept(
        self, sources: Sources
    ) -> None:
        first = sources.locate("small")

        assert sources.locate("small") == first
        assert sources.asked == ["hub"]


def test_two_packages_with_a_half_each_become_one_model(tmp_path: Path) -> None:
    halves = {
        "part1": filled(tmp_path / "1", {"config.json": b"{}", "model.bin.part1": b"wei"}),
        "part2": filled(tmp_path / "2", {"model.bin.part2": b"ghts"}),
    }

    def find(package: str, folder: str) -> Path:
        return halves[package[-5:]]

    found = from_package("base", cache_dir=tmp_path / "cache", find_folder=find)

    assert found is not None
    assert {file.name: file.read_bytes() for file in found.iterdir()} == {
        "config.json": b"{}",
        "model.bin": b"weights",
    }


def test_a_file_is_hashed_once_and_again_when_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "model.bin"
    file.write_bytes(b"weights")
    state = file.stat()
    digest = hashlib.sha256(b"weights").hexdigest()
    check_digest(file, digest, cache_dir=tmp_path / "cache")

    # Same size, same time: the note stands, nothing is read.
    file.write_bytes(b"WEIGHTS")
    _set_time(file, state.st_mtime_ns)
    check_digest(file, digest, cache_dir=tmp_path / "cache")

    _set_time(file, state.st_mtime_ns + 1_000_000_000)
    with pytest.raises(ModelUnavailableError, match="not the published one"):
        check_digest(file, digest, cache_dir=tmp_path / "cache")


def test_two_that_build_at_once_leave_one_whole_directory(tmp_path: Path) -> None:
    together = threading.Barrier(2, timeout=10)

    def fill(building: Path) -> None:
        (building / "model.bin").write_bytes(b"weights")
        together.wait()  # neither finishes before both have begun

    target = tmp_path / "cache" / "base"
    threads = [threading.Thread(target=build_once, args=(target, fill)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert (target / "model.bin").read_bytes() == b"weights"
    assert list(target.parent.iterdir()) == [target]


def _set_time(file: Path, nanoseconds: int) -> None:
    os.utime(file, ns=(nanoseconds, nanoseconds))
