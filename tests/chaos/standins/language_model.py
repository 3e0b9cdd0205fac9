"""A language model behind OpenAI's API that writes quickly, from what the transcript says,
through the storm; and keeps the account of what was paid for."""

import hashlib
import json
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from scripts.local.ports import HOST
from tests.chaos.faults.schedule import Storm
from tests.chaos.standins.http_server import Bears, HttpServerThread

Json = dict[str, Any]
SLOWEST_SEC = 1.0
ASKED = 3
"""Messages of a question: the rules, the lecture, the task."""


class LanguageModel(HttpServerThread):
    def __init__(self, storm: Storm) -> None:
        self._storm = storm
        self._lock = threading.Lock()
        self.paid: Counter[tuple[str, str]] = Counter()
        """How often each question of each lecture was answered in full."""
        self.asked: list[str] = []
        """All questions, whether or not they were answered."""
        model = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                model.serve(self, json.loads(body))

            def log_message(self, format: str, *args: object) -> None:
                pass

        class Server(Bears, ThreadingHTTPServer):
            pass

        self._server = Server((HOST, 0), Handler)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/v1"

    def serve(self, handler: BaseHTTPRequestHandler, asked: Json) -> None:
        form = asked["response_format"]["json_schema"]["name"]
        # After nonsense the same is asked again, with the answer and what was wrong with it.
        question = hashlib.sha256(json.dumps(asked["messages"][:ASKED]).encode()).hexdigest()
        with self._lock:
            self.asked.append(json.dumps(asked["messages"], ensure_ascii=False))
        fault = self._storm.befalls("model", form, mended_by=f"model {question}")
        match fault.kind if fault else None:
            case "429":
                _send(handler, 429, _problem("rate_limit_exceeded"))
                return
            case "500":
                _send(handler, 500, _problem("server_error"))
                return
            case "nonsense":
                _send(handler, 200, _completion("As a language model, I would rather not."))
                return
            case "cut_off":
                handler.close_connection = True
                return
            case "slow":
                time.sleep(fault.size * SLOWEST_SEC if fault else 0)
        answer = json.dumps(write(form, utterances_in(asked)))
        with self._lock:
            self.paid[title_in(asked), question] += 1
        _send(handler, 200, _completion(answer))
        self._storm.mended(f"model {question}")


def title_in(asked: Json) -> str:
    """The lecture's title."""
    first = asked["messages"][1]["content"].partition("\n")[0]
    title: str = json.loads(first.removeprefix("Titles: "))["lecture"]
    return title


def utterances_in(asked: Json) -> list[Json]:
    """The transcript as the question quotes it, without what is too short to be evidence."""
    lecture = asked["messages"][1]["content"]
    lines = lecture.partition("<transcript>\n")[2].partition("\n</transcript>")[0].splitlines()
    said = [json.loads(line) for line in lines]
    return [each for each in said if len(each["text"].split()) >= 4] or said


def write(form: str, said: list[Json]) -> Json:
    """Something of the form asked for, that quotes what was said."""
    points = [{"text": each["text"], "evidence": _evidence(each)} for each in said[:4]]
    first = said[0]
    match form:
        case "WireSummary":
            return {
                "overview": first["text"],
                "overviewEvidence": _evidence(first),
                "sections": [
                    {"title": _title(first), "bullets": [{**p, "role": None} for p in points]}
                ],
            }
        case "WireOutline":
            return {"chapters": [{"title": _title(first), "level": 1, "points": points}]}
        case "WireTerms":
            return {"terms": [_term(each) for each in said[:3]]}
        case "WireCards":
            return {"cards": [_card(each) for each in said[:3]]}
        case "WireQuestions":
            return {"questions": [_question(each) for each in said[:2]]}
        case "WireConcepts":
            return {"concepts": [_concept(each) for each in said[:3]]}
    raise AssertionError(f"a form that this model does not know: {form}")


def _title(said: Json) -> str:
    return " ".join(said["text"].split()[:2]).capitalize()


def _asked(said: Json) -> str:
    """A question without a number: one that was not said would be turned away."""
    return f"Which sentence begins with “{' '.join(said['text'].split()[:4])}”?"


def _evidence(said: Json) -> list[Json]:
    return [{"utterance": said["id"], "quote": said["text"]}]


def _term(said: Json) -> Json:
    return {
        "term": said["text"].split()[0],
        "definition": said["text"],
        "example": None,
        "evidence": _evidence(said),
    }


def _card(said: Json) -> Json:
    return {
        "about": _title(said),
        "kind": "basic",
        "front": _asked(said),
        "back": said["text"],
        "difficulty": "easy",
        "tags": [],
        "evidence": _evidence(said),
    }


def _question(said: Json) -> Json:
    return {
        "kind": "short-answer",
        "question": _asked(said),
        "options": [],
        "answer": said["text"],
        "explanation": said["text"],
        "markingPoints": [said["text"]],
        "evidence": _evidence(said),
    }


def _concept(said: Json) -> Json:
    return {
        # A subject that other lectures of the course have as well.
        "title": said["text"].split()[0],
        "description": said["text"],
        "complexity": 2,
        "aliases": [],
        "evidence": _evidence(said),
        "continues": None,
        "change": None,
        "changeSummary": None,
    }


def _completion(text: str) -> Json:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "quick",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": text},
            }
        ],
        "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
    }


def _problem(code: str) -> Json:
    return {"error": {"message": code, "code": code}}


def _send(handler: BaseHTTPRequestHandler, status: int, body: Json) -> None:
    data = json.dumps(body).encode()
    handler.send_response(status)
    handler.send_header("content-type", "application/json")
    handler.send_header("content-length", str(len(data)))
    handler.send_header("retry-after-ms", "50")
    handler.end_headers()
    handler.wfile.write(data)
