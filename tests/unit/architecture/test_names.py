"""Names that the field's terms have replaced are not used again (docs/glossary.md)."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
RETIRED = {
    "at_once": "concurrency, timed_pool",
    "by_itself": "autocommit",
    "expect_upload": "announce_upload",
    "intents": "planned",
    "leave_behind": "plan_deletions",
    "leftovers": "unreferenced",
    "made_up_id": "generated_id",
    "speech_only": "pieces",
    "stray_uploads": "unregistered_uploads",
    "unheard": "undelivered_upload",
    "used_rows": "expired_rows",
}
"""The name, and what it is called now."""
FOLDERS = ("functions", "shared", "scripts", "docs")
PLACES = [
    path
    for folder in FOLDERS
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in {".py", ".md"} and "decisions" not in path.parts
]


@pytest.mark.parametrize("name", RETIRED)
def test_a_retired_name_is_neither_used_nor_documented(name: str) -> None:
    used = re.compile(rf"(?<![A-Za-z0-9_])_?{name}(?![A-Za-z0-9_])")

    found = [
        str(path.relative_to(ROOT))
        for path in PLACES
        if used.search(path.read_text()) or path.stem == name
    ]

    assert found == [], f"now: {RETIRED[name]}"
