"""Messages of Terraform's plugin protocol 5, as far as a provider without a cloud needs them.

Names and numbers are those of `tfplugin5.proto` in Terraform's documentation of the protocol. They
are declared to the protobuf runtime here, so that no code has to be generated; fields that are
not listed are skipped by it.
"""

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PACKAGE = "tfplugin5"
SERVICE = f"{PACKAGE}.Provider"

# A map is on the wire what a repeated entry of key and value is.
_MESSAGES = {
    "DynamicValue": "bytes msgpack = 1; bytes json = 2",
    "RawState": "bytes json = 1",
    "AttributeStep": "string attribute_name = 1; int64 element_key_int = 3",
    "AttributePath": "repeated AttributeStep steps = 1",
    "Diagnostic": "int64 severity = 1; string summary = 2; string detail = 3;"
    " AttributePath attribute = 4",
    "Attribute": "string name = 1; bytes type = 2; bool required = 4; bool optional = 5;"
    " bool computed = 6; bool sensitive = 7; bool write_only = 10",
    "NestedBlock": "string type_name = 1; Block block = 2; int64 nesting = 3;"
    " int64 min_items = 4; int64 max_items = 5",
    "Block": "repeated Attribute attributes = 2; repeated NestedBlock block_types = 3",
    "Schema": "Block block = 2",
    "SchemaEntry": "string key = 1; Schema value = 2",
    "ServerCapabilities": "bool get_provider_schema_optional = 2",
    "Empty": "",
    "SchemaResponse": "Schema provider = 1; repeated SchemaEntry resource_schemas = 2;"
    " repeated SchemaEntry data_source_schemas = 3; ServerCapabilities server_capabilities = 6",
    "PrepareRequest": "DynamicValue config = 1",
    "PrepareResponse": "DynamicValue prepared_config = 1",
    "ConfigureRequest": "DynamicValue config = 2",
    "ValidateRequest": "string type_name = 1; DynamicValue config = 2",
    "ValidateResponse": "repeated Diagnostic diagnostics = 1",
    "UpgradeRequest": "string type_name = 1; RawState raw_state = 3",
    "UpgradeResponse": "DynamicValue upgraded_state = 1",
    "ReadRequest": "string type_name = 1; DynamicValue current_state = 2",
    "ReadResponse": "DynamicValue new_state = 1",
    "PlanRequest": "string type_name = 1; DynamicValue prior_state = 2;"
    " DynamicValue proposed_new_state = 3",
    "PlanResponse": "DynamicValue planned_state = 1; bool legacy_type_system = 5",
    "ApplyRequest": "string type_name = 1; DynamicValue planned_state = 3",
    "ApplyResponse": "DynamicValue new_state = 1; bool legacy_type_system = 4",
    "ReadDataRequest": "string type_name = 1; DynamicValue config = 2",
    "ReadDataResponse": "DynamicValue state = 1",
}

_Field = descriptor_pb2.FieldDescriptorProto
_SCALARS = {
    "bytes": _Field.TYPE_BYTES,
    "string": _Field.TYPE_STRING,
    "bool": _Field.TYPE_BOOL,
    "int64": _Field.TYPE_INT64,
}


def _declare() -> dict[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(
        name="offline.proto", package=PACKAGE, syntax="proto3"
    )
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for declaration in filter(None, map(str.strip, fields.split(";"))):
            *label, type, field, _, number = declaration.split()
            message.field.add(
                name=field,
                number=int(number),
                label=_Field.LABEL_REPEATED if label else _Field.LABEL_OPTIONAL,
                type=_SCALARS.get(type, _Field.TYPE_MESSAGE),
                type_name=None if type in _SCALARS else f".{PACKAGE}.{type}",
            )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{name}"))
        for name in _MESSAGES
    }


_CLASSES = _declare()


def message(kind: str, /, **fields: Any) -> Any:
    """An instance of the message `kind`."""
    return _CLASSES[kind](**fields)


def parse(kind: str, raw: bytes) -> Any:
    """`raw` as the message `kind`."""
    return _CLASSES[kind].FromString(raw)
