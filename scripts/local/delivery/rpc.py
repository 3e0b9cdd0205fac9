"""gRPC without generated servicers: methods over the message types the clients carry."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import grpc

_WORKERS = 8
_MAX_REQUEST_BYTES = 12 << 20
"""A publish request may be 10 MB; gRPC's own limit is 4."""


class RefusedError(Exception):
    """The call is refused with a gRPC status, as Google's server would."""

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


Message = Any
"""A proto-plus message; the library ships no types."""


Permit = Callable[[str, Message, str | None], None]
"""Gets a method's name, its request and who calls. Raises RefusedError."""


def permit_all(_method: str, _request: Message, _caller: str | None) -> None:
    """Admits every caller."""


@dataclass(frozen=True)
class Method:
    request: type[Message]
    serve: Callable[[Message], Message | None]
    """None answers with `google.protobuf.Empty`."""


class RpcServer:
    def __init__(
        self,
        services: Mapping[str, Mapping[str, Method]],
        *,
        host: str,
        port: int,
        permit: Permit = permit_all,
    ) -> None:
        """`services`: full service name → method name → method. Port 0 takes a free one."""
        self._host = host
        self._port = port
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="rpc")
        self._server = grpc.server(
            self._pool,
            handlers=[
                _generic_handler(name, methods, permit) for name, methods in services.items()
            ],
            options=[
                # Without this a second stack would quietly share the port with the first.
                ("grpc.so_reuseport", 0),
                ("grpc.max_receive_message_length", _MAX_REQUEST_BYTES),
            ],
        )

    @property
    def address(self) -> str:
        """host:port; the port is known once started."""
        return f"{self._host}:{self._port}"

    def start(self) -> None:
        """Raises RuntimeError when the port is taken."""
        self._port = self._server.add_insecure_port(self.address)
        self._server.start()

    def stop(self) -> None:
        self._server.stop(grace=None).wait()
        self._pool.shutdown()


def page(names: Sequence[str], *, size: int, token: str) -> tuple[Sequence[str], str]:
    """One page of names after `token`, and the token of the next page ('' at the end)."""
    rest = sorted(name for name in names if name > token)
    chosen = rest[: size or len(rest)]
    return chosen, chosen[-1] if len(chosen) < len(rest) else ""


def _generic_handler(
    service: str, methods: Mapping[str, Method], permit: Permit
) -> grpc.GenericRpcHandler:
    return grpc.method_handlers_generic_handler(
        service,
        {
            name: grpc.unary_unary_rpc_method_handler(
                _answering(name, method.serve, permit),
                request_deserializer=method.request.deserialize,
                response_serializer=_serialize,
            )
            for name, method in methods.items()
        },
    )


def _answering(
    name: str, serve: Callable[[Message], Message | None], permit: Permit
) -> Callable[[Any, grpc.ServicerContext], Message | None]:
    def answer(request: Message, context: grpc.ServicerContext) -> Message | None:
        try:
            permit(name, request, _caller(context))
            return serve(request)
        except RefusedError as refusal:
            context.abort(refusal.code, refusal.message)
            raise

    return answer


def _caller(context: grpc.ServicerContext) -> str | None:
    for key, value in context.invocation_metadata():
        if key == "authorization":
            return str(value).removeprefix("Bearer ")
    return None


def _serialize(response: Message | None) -> bytes:
    return b"" if response is None else type(response).serialize(response)
