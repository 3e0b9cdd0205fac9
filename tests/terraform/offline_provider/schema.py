"""A provider's schema: what may be written in each block, read from `schemas/`."""

import gzip
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from tests.terraform.offline_provider.rules import Rules, load_rules

SCHEMAS = Path(__file__).with_name("schemas")

CtyType: TypeAlias = str | list[Any]
"""As Terraform writes types in JSON: `"string"`, `["list", "string"]`, `["object", {…}]`."""


@dataclass(frozen=True)
class Attribute:
    type: CtyType
    required: bool
    optional: bool
    computed: bool
    """The provider sets it, if the configuration does not."""
    sensitive: bool
    write_only: bool
    """Never part of a plan or a state."""
    enum: tuple[str, ...]
    """The values its description lists; empty if it lists none."""
    default: Any
    """None if its description gives none."""

    @property
    def only_computed(self) -> bool:
        return self.computed and not self.optional


@dataclass(frozen=True)
class NestedBlock:
    nesting: str
    """`single`, `list` or `set`."""
    min_items: int
    max_items: int
    """0: any number."""
    block: "Block"


@dataclass(frozen=True)
class Block:
    attributes: Mapping[str, Attribute]
    blocks: Mapping[str, NestedBlock]


@dataclass(frozen=True)
class ProviderSchema:
    name: str
    version: str
    provider: Block
    resources: Mapping[str, Block]
    data_sources: Mapping[str, Block]
    rules: Mapping[str, Rules]


def available_versions(name: str) -> list[str]:
    return [
        path.name.removeprefix(f"{name}-").removesuffix(".json.gz")
        for path in SCHEMAS.glob(f"{name}-*.json.gz")
    ]


def load_schema(name: str, version: str) -> ProviderSchema:
    with gzip.open(SCHEMAS / f"{name}-{version}.json.gz") as file:
        stored = json.load(file)
    rules = load_rules(name)

    def blocks(group: str) -> dict[str, Block]:
        return {
            type: _block(block, sensitive=rules[type].sensitive if type in rules else ())
            for type, block in stored[group].items()
        }

    return ProviderSchema(
        name=name,
        version=version,
        provider=_block(stored["schema"], sensitive=()),
        resources=blocks("resources"),
        data_sources=blocks("data"),
        rules=rules,
    )


def _block(stored: dict[str, Any], *, sensitive: Collection[str], prefix: str = "") -> Block:
    return Block(
        attributes={
            name: _attribute(*each, sensitive=_holds_any(prefix + name, sensitive))
            for name, each in stored["a"].items()
        },
        blocks={
            name: NestedBlock(
                nesting=nesting,
                min_items=min_items,
                max_items=max_items,
                block=_block(inner, sensitive=sensitive, prefix=f"{prefix}{name}."),
            )
            for name, (nesting, min_items, max_items, inner) in stored["b"].items()
        },
    )


def _attribute(
    type: CtyType, flags: str, described: Mapping[str, Any] | None = None, *, sensitive: bool
) -> Attribute:
    described = described or {}
    return Attribute(
        type=type,
        required="r" in flags,
        optional="o" in flags,
        computed="c" in flags,
        sensitive=sensitive or "s" in flags,
        write_only="w" in flags,
        enum=tuple(described.get("enum") or ()),
        default=described.get("default"),
    )


def _holds_any(path: str, sensitive: Collection[str]) -> bool:
    """In a data source, an attribute that stands for a block is sensitive as a whole."""
    return any(each == path or each.startswith(f"{path}.") for each in sensitive)
