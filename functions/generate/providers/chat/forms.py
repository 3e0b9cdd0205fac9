"""Holding an endpoint to a form by words, where it does not keep to a JSON Schema."""

import json
import re
from typing import Any

from pydantic import BaseModel, ValidationError

_FENCED = re.compile(r"\A\s*```(?:json)?\s*\n(.*?)\n?\s*```\s*\Z", re.DOTALL)
_PROBLEMS_TOLD = 5


def instruction(form: type[BaseModel]) -> str:
    schema = json.dumps(form.model_json_schema(by_alias=True), ensure_ascii=False)
    return (
        "Answer with one JSON object and nothing else: no words around it, no code fence. It must "
        f"be valid under this JSON Schema:\n{schema}"
    )


def read(form: type[BaseModel], text: str) -> Any:
    """The answer. Raises ValidationError where it is not of the form."""
    fenced = _FENCED.match(text)
    return form.model_validate_json(fenced[1] if fenced else text)


def complaint(error: ValidationError) -> str:
    """What was wrong with an answer, for the model's next attempt, without quoting the answer."""
    problems = [
        f"{'.'.join(map(str, problem['loc'])) or 'the whole answer'}: {problem['msg']}"
        for problem in error.errors(include_input=False, include_url=False, include_context=False)
    ]
    told = "\n".join(f"- {problem}" for problem in problems[:_PROBLEMS_TOLD])
    return f"Your answer is not of the form asked for:\n{told}\nAnswer again, with JSON alone."
