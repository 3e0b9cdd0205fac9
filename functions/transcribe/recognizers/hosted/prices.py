"""The price of a hosted service, by the table beside this file."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path


def cost_usd(model: str, *, billed_sec: float) -> float | None:
    """None where the price is not known."""
    per_minute = _table().get(model)
    return None if per_minute is None else round(per_minute * billed_sec / 60, 6)


@cache
def _table() -> Mapping[str, float]:
    table = json.loads(Path(__file__).with_name("prices.json").read_text())
    return {model: float(price) for model, price in table["models"].items()}
