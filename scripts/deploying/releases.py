"""What was deployed, kept in the state bucket so that it can be deployed again.

    gs://BUCKET/releases/ID/STAGE.zip     the archives, as they were built
    gs://BUCKET/releases/ID/release.json  written last: without it there is no release
    gs://BUCKET/releases/ID/verified      the smoke test has passed on it
    gs://BUCKET/releases/ID/withdrawn     it was rolled back

Terraform's own bucket of archives cannot serve for that: it holds what runs, and nothing else. An
id is a number, counted up so that no clock has a say in what came first, and a piece of the
archives' digest. A mark is an object of its own, which exists or not: a crash in between leaves
nothing half written.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from scripts.package import STAGES
from scripts.programs import ProgramError, Programs

Mark = Literal["verified", "withdrawn"]

_NOTHING = "matched no objects"
"""What gcloud says, as an error, of a listing that is empty."""


class Release(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: str
    revision: str
    """Of the repository, the output of `git describe`."""
    schema_revision: str
    """Of the database: what its code was written for."""
    digests: Mapping[str, str]
    """SHA-256 of each stage's archive."""


@dataclass(frozen=True)
class Kept:
    """A release that is there, and its marks."""

    id: str
    verified: bool
    withdrawn: bool

    @property
    def number(self) -> int:
        return int(self.id.partition("-")[0])

    @property
    def good(self) -> bool:
        return self.verified and not self.withdrawn


class Releases:
    def __init__(self, programs: Programs, bucket: str) -> None:
        self._programs = programs
        self._folder = f"gs://{bucket}/releases"

    def kept(self) -> Sequence[Kept]:
        """Oldest first. Raises ProgramError."""
        try:
            listed = self._programs.read("gcloud", "storage", "ls", f"{self._folder}/**")
        except ProgramError as error:
            if _NOTHING not in str(error):
                raise
            listed = ""
        found = set(re.findall(r"/releases/(\d{5}-\w+)/([^/\s]+)$", listed, re.MULTILINE))
        return [
            Kept(id, verified=(id, "verified") in found, withdrawn=(id, "withdrawn") in found)
            for id in sorted(id for id, name in found if name == "release.json")
        ]

    def read(self, id: str) -> Release:
        """Raises ProgramError."""
        told = self._programs.read("gcloud", "storage", "cat", f"{self._folder}/{id}/release.json")
        return Release.model_validate_json(told)

    def keep(self, archives: Path, *, revision: str, schema_revision: str) -> Release:
        """Before it is deployed, so that every release that runs can be restored.

        The same archives as those of the last release are that release, as after a deployment
        that stopped halfway; but not if it was rolled back since. Raises ProgramError.
        """
        digests = digests_of(archives, STAGES)
        last = next(reversed(self.kept()), None)
        if last and not last.withdrawn and (release := self.read(last.id)).digests == digests:
            return release
        all_of_it = hashlib.sha256("".join(digests.values()).encode()).hexdigest()
        release = Release(
            id=f"{last.number + 1 if last else 1:05}-{all_of_it[:8]}",
            revision=revision,
            schema_revision=schema_revision,
            digests=digests,
        )
        folder = f"{self._folder}/{release.id}"
        files = [str(archives / f"{stage}.zip") for stage in digests]
        self._programs.run("gcloud", "storage", "cp", *files, f"{folder}/")
        self._put(f"{folder}/release.json", release.model_dump_json(indent=2))
        return release

    def mark(self, id: str, mark: Mark) -> None:
        """Raises ProgramError."""
        self._put(f"{self._folder}/{id}/{mark}", f"{datetime.now(UTC).isoformat()}\n")

    def fetch(self, release: Release, into: Path) -> None:
        """Its archives. Raises ProgramError, also if they are not what was deployed."""
        into.mkdir(parents=True, exist_ok=True)
        for old in into.glob("*.zip"):
            old.unlink()
        folder = f"{self._folder}/{release.id}"
        self._programs.run(
            *("gcloud", "storage", "cp"),
            *(f"{folder}/{stage}.zip" for stage in release.digests),
            f"{into}/",
        )
        if not self._programs.dry_run and digests_of(into, release.digests) != release.digests:
            raise ProgramError(f"the archives in {folder} are not those that were deployed")

    def _put(self, name: str, content: str) -> None:
        self._programs.run("gcloud", "storage", "cp", "-", name, stdin=content)


def to_withdraw(kept: Sequence[Kept], target: str) -> Iterator[str]:
    """Whatever came after the release that is gone back to."""
    return (each.id for each in kept if each.id > target and not each.withdrawn)


def previous(kept: Sequence[Kept]) -> Kept | None:
    """The release to go back to: the last good one before the last.

    The last one stays the last when it is rolled back. So a rollback that is run again, after it
    died or because its result was unclear, goes to the same release and not one further.
    """
    return next((each for each in reversed(kept[:-1]) if each.good), None)


def digests_of(archives: Path, stages: Iterable[str]) -> dict[str, str]:
    """SHA-256 of each stage's archive in the folder. Raises OSError if one is not there."""
    return {
        stage: hashlib.sha256((archives / f"{stage}.zip").read_bytes()).hexdigest()
        for stage in sorted(stages)
    }
