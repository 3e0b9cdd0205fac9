"""A folder of functions for `Options.functions`: the product's, some of them changed."""

from collections.abc import Mapping
from pathlib import Path

from shared.topology import load_topology


def functions_folder(folder: Path, bodies: Mapping[str, str]) -> Path:
    """Each stage's `main.py` gives the product's entry points. A body of `bodies`, by stage,
    runs after they are imported and may define some of them anew."""
    stages: dict[str, list[str]] = {}
    for function in load_topology().functions.values():
        stages.setdefault(function.stage, []).append(function.entry_point)
    for stage, entry_points in stages.items():
        file = folder / stage / "main.py"
        file.parent.mkdir(parents=True)
        file.write_text(
            f"from functions.{stage}.main import {', '.join(sorted(entry_points))}\n"
            + bodies.get(stage, "")
        )
    return folder
