"""A server on this machine that answers like OpenAI's chat API, as a test tells it to."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    status: int
    body: str
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})


@dataclass
class ChatServer:
    """`answer` gets each request's body and how many came before it for the same form."""

    answer: Callable[[Json, int], Reply]
    url: str = ""
    requests: list[Json] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def forms(self) -> list[str]:
        return [form_of(request) for request in self.requests]


def form_of(request: Json) -> str:
    """The name of the pydantic model that the request asks for, by schema or by words; "yes or no"
    where it asks for probabilities alone."""
    asked = request.get("response_format", {})
    if asked.get("type") == "json_schema":
        name: str = asked["json_schema"]["name"]
        return name
    if request.get("logprobs"):
        return "yes or no"
    words = [message["content"] for message in request["messages"] if message["role"] == "system"]
    title: str = json.loads(words[-1].partition("JSON Schema:\n")[2])["title"]
    return title


def completion(content: object, **message: object) -> Reply:
    """A finished answer; each costs 100 tokens in and 20 out."""
    text = content if isinstance(content, str) else json.dumps(content)
    return _reply({"role": "assistant", "content": text, **message}, "stop")


def refusal(words: str) -> Reply:
    return _reply({"role": "assistant", "content": None, "refusal": words}, "stop")


def ended(reason: str) -> Reply:
    return _reply({"role": "assistant", "content": '{"terms": ['}, reason)


def failure(status: int, code: str = "some_code") -> Reply:
    """An error that may be retried at once."""
    return Reply(
        status,
        json.dumps({"error": {"message": "sk-secret was not accepted", "code": code}}),
        {"content-type": "application/json", "retry-after-ms": "1"},
    )


def _reply(message: Json, finish_reason: str) -> Reply:
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "test-model",
        "choices": [{"index": 0, "finish_reason": finish_reason, "message": message}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
    }
    return Reply(200, json.dumps(body))


@contextmanager
def serving(answer: Callable[[Json, int], Reply]) -> Iterator[ChatServer]:
    chat = ChatServer(answer)
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            with lock:
                before = chat.forms().count(form_of(body))
                chat.requests.append(body)
                chat.keys.append(self.headers["authorization"])
            reply = chat.answer(body, before)
            data = reply.body.encode()
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(data)))
            with suppress(BrokenPipeError, ConnectionResetError):  # the client gave up
                self.end_headers()
                self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    chat.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield chat
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
