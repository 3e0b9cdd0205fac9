"""A server on this machine that answers like OpenAI's transcription API, as a test tells it to."""

import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import av
from werkzeug.formparser import parse_form_data

from functions.transcribe.audio import SAMPLE_RATE
from functions.transcribe.audio.flac import decode_flac

Json = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    status: int
    body: str
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    announced: int | None = None
    """Bytes that the answer says it has, if not as many as it has."""


@dataclass(frozen=True)
class Upload:
    """One request, read as the real service reads it."""

    fields: dict[str, list[str]]
    key: str
    file_name: str
    sound: bytes
    duration_sec: float
    """Of the sound, decoded."""
    format: str


@dataclass
class TranscriptionServer:
    answer: Callable[[Upload, int], Reply]
    """Gets each request and how many came before it."""
    url: str = ""
    uploads: list[Upload] = field(default_factory=list)


def transcription(*words: tuple[str, float, float], text: str | None = None, **more: Any) -> Reply:
    """As whisper-1 answers: the words bare, the text with punctuation, one segment."""
    body: Json = {
        "task": "transcribe",
        "language": "english",
        "duration": 10.0,
        "text": " ".join(word for word, _, _ in words) if text is None else text,
        "words": [{"word": word, "start": start, "end": end} for word, start, end in words],
        "segments": [segment(0, 30)],
        "usage": {"type": "duration", "seconds": 10},
    }
    return Reply(200, json.dumps({**body, **more}))


def segment(start: float, end: float, **figures: float) -> Json:
    """What clear speech has, unless told otherwise."""
    return {
        "id": 0,
        "seek": 0,
        "start": start,
        "end": end,
        "text": "",
        "tokens": [],
        "temperature": 0.0,
        "avg_logprob": -0.25,
        "compression_ratio": 1.4,
        "no_speech_prob": 0.01,
        **figures,
    }


def failure(status: int, **headers: str) -> Reply:
    """An error; those that may be retried, at once."""
    error = {"error": {"message": "sk-secret was not accepted", "code": "some_code"}}
    return Reply(
        status,
        json.dumps(error),
        {"content-type": "application/json", "retry-after-ms": "1", **headers},
    )


@contextmanager
def serving(answer: Callable[[Upload, int], Reply]) -> Iterator[TranscriptionServer]:
    served = TranscriptionServer(answer)
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            upload = _read(self.path, dict(self.headers), body)
            with lock:
                before = len(served.uploads)
                served.uploads.append(upload)
            reply = served.answer(upload, before)
            data = reply.body.encode()
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(reply.announced or len(data)))
            self.end_headers()
            try:
                self.wfile.write(data)
            except OSError:
                return  # the client has given up
            self.close_connection = reply.announced is not None

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    served.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _read(path: str, headers: dict[str, str], body: bytes) -> Upload:
    assert path == "/v1/audio/transcriptions", path
    lowered = {name.lower(): value for name, value in headers.items()}
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": lowered["content-type"],
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    _, form, files = parse_form_data(environ)
    file = files["file"]
    with file.stream:
        sound = file.stream.read()
    with av.open(io.BytesIO(sound), "r") as container:
        format = container.format.name
    return Upload(
        fields={name: form.getlist(name) for name in form},
        key=lowered["authorization"],
        file_name=file.filename or "",
        sound=sound,
        duration_sec=len(decode_flac(sound)) / SAMPLE_RATE,
        format=format,
    )
