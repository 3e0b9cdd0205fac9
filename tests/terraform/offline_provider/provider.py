"""The provider's side of the protocol, a method for each call of Terraform."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.terraform.offline_provider.data_sources import answered
from tests.terraform.offline_provider.made_up import MadeUp
from tests.terraform.offline_provider.planning import planned
from tests.terraform.offline_provider.protocol import message, parse
from tests.terraform.offline_provider.schema import Block, ProviderSchema
from tests.terraform.offline_provider.validation import problems
from tests.terraform.offline_provider.values import decode, encode

NESTING = {"single": 1, "list": 2, "set": 3}


class Provider:
    """As one block `provider` has configured it; Terraform opens a connection for each."""

    def __init__(self, schema: ProviderSchema) -> None:
        self._schema = schema
        self._config: dict[str, Any] = {}

    def configure(self, request: Any) -> Any:
        self._config = decode(request.config) or {}
        return message("Empty")

    def prepare(self, request: Any) -> Any:
        return message("PrepareResponse", prepared_config=request.config)

    def validate_resource(self, request: Any) -> Any:
        return self._validated(self._schema.resources, request)

    def validate_data_source(self, request: Any) -> Any:
        return self._validated(self._schema.data_sources, request)

    def upgrade(self, request: Any) -> Any:
        return message("UpgradeResponse", upgraded_state={"json": request.raw_state.json})

    def read_resource(self, request: Any) -> Any:
        """There is nothing outside of the state that could have changed."""
        return message("ReadResponse", new_state=request.current_state)

    def plan(self, request: Any) -> Any:
        proposed = decode(request.proposed_new_state)
        if proposed is not None:
            proposed = planned(
                request.type_name,
                self._schema.resources[request.type_name],
                proposed,
                new=decode(request.prior_state) is None,
                provider=self._config,
            )
        # Google's provider is of the old kind: it may plan other values than are configured.
        return message("PlanResponse", planned_state=encode(proposed), legacy_type_system=True)

    def apply(self, request: Any) -> Any:
        state = decode(request.planned_state)
        if state is not None:
            block = self._schema.resources[request.type_name]
            state = self._made_up(request.type_name).block(block, state, nulls=False)
        return message("ApplyResponse", new_state=encode(state), legacy_type_system=True)

    def read_data_source(self, request: Any) -> Any:
        made_up = self._made_up(request.type_name)
        known = answered(request.type_name, decode(request.config), made_up)
        block = self._schema.data_sources[request.type_name]
        return message("ReadDataResponse", state=encode(made_up.block(block, known, nulls=True)))

    def stop(self, request: Any) -> Any:
        return message("Empty")

    def _validated(self, blocks: Mapping[str, Block], request: Any) -> Any:
        type = request.type_name
        found = problems(type, blocks[type], self._schema.rules.get(type), decode(request.config))
        return message("ValidateResponse", diagnostics=found)

    def _made_up(self, type: str) -> MadeUp:
        return MadeUp(self._schema, self._config, type)


_METHODS: dict[str, tuple[str, Callable[[Provider, Any], Any]]] = {
    "PrepareProviderConfig": ("PrepareRequest", Provider.prepare),
    "Configure": ("ConfigureRequest", Provider.configure),
    "ValidateResourceTypeConfig": ("ValidateRequest", Provider.validate_resource),
    "ValidateDataSourceConfig": ("ValidateRequest", Provider.validate_data_source),
    "UpgradeResourceState": ("UpgradeRequest", Provider.upgrade),
    "ReadResource": ("ReadRequest", Provider.read_resource),
    "PlanResourceChange": ("PlanRequest", Provider.plan),
    "ApplyResourceChange": ("ApplyRequest", Provider.apply),
    "ReadDataSource": ("ReadDataRequest", Provider.read_data_source),
    "Stop": ("Empty", Provider.stop),
}


def answer(provider: Provider, method: str, raw: bytes) -> bytes | None:
    """The answer to one call, as it goes over the wire; None to a method that there is not."""
    if method not in _METHODS:
        return None
    request, implementation = _METHODS[method]
    answered: bytes = implementation(provider, parse(request, raw)).SerializeToString()
    return answered


def schema_answer(schema: ProviderSchema) -> bytes:
    """The answer to `GetSchema`, which is the same to everyone and 1.5 MB long."""

    def entries(blocks: Mapping[str, Block]) -> list[Any]:
        return [
            message("SchemaEntry", key=type, value=message("Schema", block=_block(block)))
            for type, block in blocks.items()
        ]

    answered: bytes = message(
        "SchemaResponse",
        provider=message("Schema", block=_block(schema.provider)),
        resource_schemas=entries(schema.resources),
        data_source_schemas=entries(schema.data_sources),
        server_capabilities=message("ServerCapabilities", get_provider_schema_optional=True),
    ).SerializeToString()
    return answered


def _block(block: Block) -> Any:
    return message(
        "Block",
        attributes=[
            message(
                "Attribute",
                name=name,
                type=json.dumps(each.type).encode(),
                required=each.required,
                optional=each.optional,
                computed=each.computed,
                sensitive=each.sensitive,
                write_only=each.write_only,
            )
            for name, each in block.attributes.items()
        ],
        block_types=[
            message(
                "NestedBlock",
                type_name=name,
                block=_block(each.block),
                nesting=NESTING[each.nesting],
                min_items=each.min_items,
                max_items=each.max_items,
            )
            for name, each in block.blocks.items()
        ],
    )
