"""A `gcloud` on the PATH that asks the test what to answer, and remembers what it was told.

What the real one would not understand fails the test, where it is installed.
"""

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.operations.stub_gcloud import Call, unknown_to_gcloud

Answer = Callable[[list[str], str], str]
"""From arguments and standard input to what is printed; an exception makes the command fail."""

_PROGRAM = """\
#!{python} -IS
import http.client, json, sys
asked = json.dumps([sys.argv[1:], "" if sys.stdin.isatty() else sys.stdin.read()])
ask = http.client.HTTPConnection("127.0.0.1", {port})
ask.request("POST", "/", asked.encode())
answer = ask.getresponse()
print(answer.read().decode(), end="")
sys.exit(answer.status != 200)
"""


@dataclass
class Gcloud:
    calls: list[str] = field(default_factory=list)
    """Command lines, without `gcloud` itself."""
    given: list[str] = field(default_factory=list)
    """What came on standard input with each."""
    told: list[Call] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    """What is printed for a command, by how it begins."""

    def said(self, words: str) -> list[str]:
        return [call for call in self.calls if call.startswith(words)]


@contextmanager
def gcloud_on_path(
    folder: Path, monkeypatch: pytest.MonkeyPatch, answer: Answer = lambda *_: ""
) -> Iterator[Gcloud]:
    recorded = Gcloud()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            arguments, given = json.loads(self.rfile.read(length))
            recorded.calls.append(" ".join(arguments))
            recorded.given.append(given)
            recorded.told.append(Call("gcloud", tuple(arguments), given, {}))
            try:
                line = " ".join(arguments)
                told = [text for words, text in recorded.answers.items() if line.startswith(words)]
                status, printed = 200, told[0] if told else answer(arguments, given)
            except Exception as error:
                status, printed = 500, str(error)
            self.send_response(status)
            self.send_header("Content-Length", str(len(printed.encode())))
            self.end_headers()
            self.wfile.write(printed.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    program = folder / "gcloud"
    program.write_text(_PROGRAM.format(python=sys.executable, port=server.server_port))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join([str(folder), os.environ["PATH"]]))
    try:
        yield recorded
        assert not unknown_to_gcloud(recorded.told)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
