"""The form of an answer: as a JSON Schema for an endpoint, and as words for a model."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

_PROBLEMS_TOLD = 5


def schema_of(
    form: type[BaseModel], most: Mapping[str, int], *, lengths: bool = True
) -> dict[str, Any]:
    """The JSON Schema that an endpoint is sent.

    Every field is required, no other is allowed and none has a default, as strict structured
    outputs demand. `most`: entries that a list of the answer itself may have, by the field's name
    in the answer. `lengths`: with the greatest lengths of texts, which some endpoints refuse.
    """
    schema = form.model_json_schema(by_alias=True)
    for definition in (schema, *schema.get("$defs", {}).values()):
        if "properties" in definition:
            definition["required"] = list(definition["properties"])
            definition["additionalProperties"] = False
    for name, count in most.items():
        schema["properties"][name]["maxItems"] = count
    _without(schema, {"default"} if lengths else {"default", "maxLength"})
    return schema


def _without(schema: Any, keywords: set[str]) -> None:
    """Removes keywords from a schema in place; a property of such a name stays."""
    if isinstance(schema, list):
        for each in schema:
            _without(each, keywords)
    elif isinstance(schema, dict):
        for keyword in keywords & schema.keys():
            del schema[keyword]
        for keyword, inner in schema.items():
            if keyword in {"properties", "$defs"}:
                _without(list(inner.values()), keywords)
            else:
                _without(inner, keywords)


def instruction(schema: Mapping[str, Any]) -> str:
    return (
        "Answer with one JSON object and nothing else: no words around it, no code fence. It must "
        f"be valid under this JSON Schema:\n{json.dumps(schema, ensure_ascii=False)}"
    )


def complaint(error: ValidationError) -> str:
    """What was wrong with an answer, for the model's next attempt, without quoting the answer."""
    problems = [
        f"{'.'.join(map(str, problem['loc'])) or 'the whole answer'}: {problem['msg']}"
        for problem in error.errors(include_input=False, include_url=False, include_context=False)
    ]
    told = "\n".join(f"- {problem}" for problem in problems[:_PROBLEMS_TOLD])
    return f"Your answer is not of the form asked for:\n{told}\nAnswer again, with JSON alone."
