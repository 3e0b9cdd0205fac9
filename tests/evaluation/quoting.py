"""How much of what was said stands in material and files once the transcript is deleted."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

RUN = 5
"""Words in a row that count as a quotation."""
CAP = 0.25
"""Most that material and files of a long lecture should repeat."""
LONG_SEC = 600
"""Length from which on the cap is meant: a shorter lecture has little besides what is worth
quoting."""


def quoted_share(said: str, material: Iterable[object]) -> float:
    """The part of the distinct runs of `RUN` words of a transcript that the texts in `material`
    repeat, 0 to 1. Files hold no other texts of the lecture: they are made of the artifacts and of
    the quotes of threads."""
    spoken = runs(said)
    repeated = {run for text in texts(material) for run in runs(text)}
    return len(spoken & repeated) / len(spoken) if spoken else 0.0


def runs(text: str) -> frozenset[tuple[str, ...]]:
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold())
    return frozenset(tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1))


def texts(value: Any) -> Iterator[str]:
    """All strings in a document; of a cloze card what it hides as well."""
    if isinstance(value, str):
        yield re.sub(r"\{\{c1::(.*?)\}\}", r"\1", value)
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, Iterable):
        for inner in value:
            yield from texts(inner)
