"""What is wrong with a configuration beyond what Terraform finds with the schema."""

from collections.abc import Iterator
from typing import Any

from tests.terraform.offline_provider.protocol import message
from tests.terraform.offline_provider.rules import Rules
from tests.terraform.offline_provider.schema import Block
from tests.terraform.offline_provider.values import as_list

ERROR = 1
Path = tuple[str | int, ...]


def problems(type: str, block: Block, rules: Rules | None, config: dict[str, Any]) -> list[Any]:
    """A `Diagnostic` for each."""
    return [
        *_in_block(block, config, ()),
        *(error(summary) for summary in (rules.broken(type, config) if rules else ())),
    ]


def error(summary: str, detail: str = "", path: Path = ()) -> Any:
    steps = [
        message("AttributeStep", attribute_name=step)
        if isinstance(step, str)
        else message("AttributeStep", element_key_int=step)
        for step in path
    ]
    return message(
        "Diagnostic",
        severity=ERROR,
        summary=summary,
        detail=detail,
        attribute=message("AttributePath", steps=steps) if steps else None,
    )


def _in_block(block: Block, config: dict[str, Any], path: Path) -> Iterator[Any]:
    for name, attribute in block.attributes.items():
        value = config.get(name)
        if attribute.only_computed and value is not None:
            yield error(
                "Value for unconfigurable attribute",
                f'Can\'t configure a value for "{name}": its value is decided by the provider.',
                (*path, name),
            )
        for each in as_list(value) if attribute.enum else ():
            if isinstance(each, str) and each and each not in attribute.enum:
                yield error(
                    f"expected {name} to be one of {list(attribute.enum)}, got {each}",
                    path=(*path, name),
                )
    for name, nested in block.blocks.items():
        for index, inner in enumerate(as_list(config.get(name))):
            if isinstance(inner, dict):
                # An element of a set has no index to point at.
                here = (*path, name, index) if nested.nesting == "list" else (*path, name)
                yield from _in_block(nested.block, inner, here)
