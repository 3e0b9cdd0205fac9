"""What a call costs, by the table beside this file."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from shared.schema import Schema

_EDITION = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{3})$")
"""A dated or numbered edition of a model costs what the model costs."""


class Price(Schema):
    """US dollars per million tokens."""

    input: float
    cached_input: float
    output: float


def price_of(model: str) -> Price | None:
    """None of a model that is not in the table. A publisher's prefix (`google/`) counts for
    nothing."""
    name = model.rpartition("/")[2]
    table = _table()
    return table.get(name) or table.get(_EDITION.sub("", name))


def cost_usd(
    model: str, *, input_tokens: int, cached_tokens: int, output_tokens: int
) -> float | None:
    """`cached_tokens` are those of the input that the provider had read before. None where the
    price is not known."""
    price = price_of(model)
    if price is None:
        return None
    fresh = max(0, input_tokens - cached_tokens)
    total = fresh * price.input + cached_tokens * price.cached_input + output_tokens * price.output
    return round(total / 1e6, 6)


@cache
def _table() -> Mapping[str, Price]:
    table = json.loads(Path(__file__).with_name("prices.json").read_text())
    return {model: Price.model_validate(price) for model, price in table["models"].items()}
