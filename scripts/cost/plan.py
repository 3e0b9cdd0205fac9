"""The calculator's input: how many lectures a month, and how they are processed."""

from dataclasses import dataclass
from typing import Literal

from functions.generate.providers.chat.prices import price_of

Recognizer = Literal["cpu", "gpu"]


@dataclass(frozen=True)
class Plan:
    """Raises ValueError if it cannot be reckoned with."""

    hours: float = 1.0
    """Of one lecture."""
    lectures: int = 200
    """In a month."""
    recognizer: Recognizer = "cpu"
    model: str | None = "gpt-6-luna"
    """The model that writes the material; None for the extractive one, which costs nothing more."""
    cached: bool = False
    """Whether the model's vendor recognizes the words that six questions begin with."""
    students: int = 30
    """Who fetch a lecture's files, one each."""
    database_tier: str = "db-custom-2-7680"
    regional: bool = True
    kept_instances: int = 1
    """Of the API, warm all the time."""

    def __post_init__(self) -> None:
        if self.hours <= 0 or self.lectures < 1:
            raise ValueError("A lecture lasts some time, and there is at least one.")
        if self.students < 0 or self.kept_instances < 0:
            raise ValueError("Students and kept instances cannot be fewer than none.")
        if self.model is not None and price_of(self.model) is None:
            raise ValueError(
                f"{self.model} is not in the price table "
                "(functions/generate/providers/chat/prices.json)."
            )
