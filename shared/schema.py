"""The base of every pydantic model whose JSON leaves Pegasus: camelCase, strict about extras."""

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Schema(BaseModel):
    """Immutable; snake_case in Python, camelCase in JSON, unknown fields refused."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        json_schema_serialization_defaults_required=True,
    )

    def to_json(self) -> bytes:
        """UTF-8 JSON with camelCase keys; the same model always gives the same bytes."""
        return self.model_dump_json(by_alias=True).encode()
