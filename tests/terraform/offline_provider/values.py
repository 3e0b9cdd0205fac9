"""Terraform's values as Python data: dicts, lists, text, numbers, and what is not known yet."""

import json
from typing import Any

import msgpack

from tests.terraform.offline_provider.protocol import message

UNKNOWN = msgpack.ExtType(0, b"\0")
"""A value that becomes known when the resource is made."""


def is_unknown(value: object) -> bool:
    return isinstance(value, msgpack.ExtType)


def wholly_known(value: object) -> bool:
    if isinstance(value, dict):
        return all(map(wholly_known, value.values()))
    if isinstance(value, list):
        return all(map(wholly_known, value))
    return not is_unknown(value)


def decode(value: Any) -> Any:
    """What a `DynamicValue` holds."""
    if value.msgpack:
        return msgpack.unpackb(
            value.msgpack, raw=False, strict_map_key=False, ext_hook=msgpack.ExtType
        )
    return json.loads(value.json) if value.json else None


def encode(value: Any) -> Any:
    """`value` as a `DynamicValue`."""
    return message("DynamicValue", msgpack=msgpack.packb(value, use_bin_type=True))


def as_list(value: object) -> list[Any]:
    """A nested block's values, whether it is a list, a set or a single one."""
    return value if isinstance(value, list) else [value]


def is_given(value: object) -> bool:
    """Whether a configuration sets it."""
    return value is not None and value not in ([], {})
