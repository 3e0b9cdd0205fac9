"""What the probabilities of an answer's first token say of yes and no."""

import math
from collections.abc import Mapping
from typing import Any, Final

from openai.types.chat import ChatCompletion

ASKED_FOR: Final[Mapping[str, Any]] = {"logprobs": True, "top_logprobs": 20}
"""As many alternatives as OpenAI's API gives; most of them are spellings of the same word."""


def yes_share(completion: ChatCompletion) -> float | None:
    """The probability of "yes" among that of "yes" and "no", 0 to 1; None without either."""
    logprobs = completion.choices[0].logprobs if completion.choices else None
    tokens = logprobs.content if logprobs and logprobs.content else []
    yes = no = 0.0
    for token in tokens[0].top_logprobs if tokens else []:
        word = token.token.strip().casefold()
        if word == "yes":
            yes += math.exp(token.logprob)
        elif word == "no":
            no += math.exp(token.logprob)
    return yes / (yes + no) if yes + no else None
