"""Whether an endpoint has read all of a question.

Some servers drop what does not fit their context and answer from the rest: Ollama with its default
context is one. The only sign is the number of prompt tokens that they report.
"""

from collections.abc import Iterable, Mapping
from typing import Any

MOST_CHARACTERS_PER_TOKEN = 5.5
"""English prose has about 4.5 with tokenizers of 100,000 entries, less within JSON, and other
languages have fewer. A question of which fewer tokens were read was not read whole."""
FEWEST_COUNTED = 200
"""The rules alone are more. A smaller number is a placeholder, or the count of what was not read
from a cache, and says nothing."""


def is_truncated(messages: Iterable[Mapping[str, Any]], prompt_tokens: int) -> bool:
    """By the number of tokens that the endpoint says it read."""
    sent = sum(len(str(message.get("content") or "")) for message in messages)
    return FEWEST_COUNTED <= prompt_tokens < sent / MOST_CHARACTERS_PER_TOKEN
