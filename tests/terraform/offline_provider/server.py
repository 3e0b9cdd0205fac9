"""Serves the provider over gRPC until its standard input ends; a Terraform of any run may attach.

    python -m tests.terraform.offline_provider.server PROVIDER VERSION

Terraform usually starts a provider as a process for each step. It can also attach to one that
runs already (`TF_REATTACH_PROVIDERS`, meant for debugging a provider), which saves loading the
schema dozens of times. The first line written tells where the server listens.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc

from tests.terraform.offline_provider.protocol import SERVICE
from tests.terraform.offline_provider.provider import Provider, answer, schema_answer
from tests.terraform.offline_provider.schema import ProviderSchema, load_schema

UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


class Calls(grpc.GenericRpcHandler):  # type: ignore[misc]  # it has no types
    """Each connection is a provider of its own, with its own configuration."""

    def __init__(self, schema: ProviderSchema) -> None:
        self._schema = schema
        self._schema_answer = schema_answer(schema)
        self._providers: dict[str, Provider] = {}

    def service(self, call: Any) -> Any:
        service, _, method = call.method.removeprefix("/").partition("/")
        if service != SERVICE:
            return None
        if method == "GetSchema":
            return grpc.unary_unary_rpc_method_handler(lambda *_: self._schema_answer)

        def handle(raw: bytes, context: grpc.ServicerContext) -> bytes:
            provider = self._providers.setdefault(context.peer(), Provider(self._schema))
            answered = answer(provider, method, raw)
            if answered is None:
                context.abort(grpc.StatusCode.UNIMPLEMENTED, method)
                raise AssertionError("abort raises")
            return answered

        return grpc.unary_unary_rpc_method_handler(handle)


def serve(name: str, version: str) -> None:
    server = grpc.server(
        ThreadPoolExecutor(8), handlers=[Calls(load_schema(name, version))], options=UNLIMITED
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    sys.stdin.read()
    server.stop(grace=None).wait()


if __name__ == "__main__":
    serve(*sys.argv[1:])
