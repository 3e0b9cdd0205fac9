"""Material for lectures of half an hour to three hours: time, memory, calls, tokens, money.

    make bench-generation

A language model that writes from what it is shown answers behind the real client, so the
time is Pegasus' own. Each lecture is done in a process of its own; memory is what that
process had at most beyond what it had before it was given the lecture.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from functions.generate.grounding.grounding import ground
from functions.generate.providers.language_model.windows import estimate_tokens
from functions.generate.providers.registry import build_provider
from shared.config import load_settings
from shared.documents.transcript import Transcript
from tests.support.lectures.writing_model import WritingModel
from tests.unit.generate.language_model.chat_server import Json, Reply, serving
from tests.unit.generate.lectures import request, spoken

MINUTES = (30, 60, 120, 180)
CONTEXTS = (64_000, 16_000)
MODEL = "gpt-5-mini"
DATA = Path(__file__).parents[1] / "data"
TEXTS = sorted([*DATA.glob("lectures/*.txt"), *DATA.glob("written/*.txt")])


def long_lecture(minutes: int) -> Transcript:
    """Lectures one after the other until the time is up, each round in somewhat other words."""
    english = [path.read_text() for path in TEXTS if path.name.count(".") == 1]
    text, round_ = "", 0
    while len(text.split()) * 0.4 < minutes * 60:
        for each in english:
            text += "\n\n" + (each if not round_ else each.replace("The ", f"Part {round_}: the "))
        round_ += 1
    whole = spoken(text)
    kept = tuple(u for u in whole.utterances if u.end_sec <= minutes * 60)
    return whole.model_copy(update={"utterances": kept, "duration_sec": minutes * 60.0})


def one(provider: str, minutes: int, context: int, url: str) -> Json:
    """In this process."""
    settings = load_settings(
        {
            "GCS_BUCKET": "none",
            "GOOGLE_CLOUD_PROJECT": "none",
            "DATABASE_URL": "postgresql://none@127.0.0.1/none",
            "PLC_LLM_PROVIDER": provider,
            "OPENAI_BASE_URL": url,
            "OPENAI_MODEL": MODEL,
            "PLC_LLM_CONTEXT_TOKENS": str(context),
        }
    )
    asked = request(long_lecture(minutes))
    chosen = build_provider(settings)
    before = _peak_mib()
    started = time.perf_counter()
    draft = ground(chosen.generate(asked), asked, chosen)
    seconds = time.perf_counter() - started
    return {
        "seconds": round(seconds, 2),
        "mib": round(_peak_mib() - before, 1),
        "calls": draft.cost.calls,
        "inputTokens": draft.cost.input_tokens,
        "outputTokens": draft.cost.output_tokens,
        "usd": draft.cost.usd,
    }


def measure(provider: str, minutes: int, context: int) -> Json:
    """In a process of its own."""
    with serving(Counting()) as server:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "tests.benchmarks.long_generation"),
                *("--one", provider, str(minutes), str(context), server.url),
            ],
            capture_output=True,
            text=True,
            check=True,
        )
    measured: Json = json.loads(done.stdout)
    return measured


class Counting:
    """Says how many tokens went in and out, as an endpoint does."""

    def __init__(self) -> None:
        self._model = WritingModel(most=20)

    def __call__(self, body: Json, before: int) -> Reply:
        reply = self._model(body, before)
        answer = json.loads(reply.body)
        written = answer["choices"][0]["message"]["content"]
        read = sum(estimate_tokens(message["content"]) for message in body["messages"])
        answer["usage"] = {
            "prompt_tokens": read,
            "completion_tokens": estimate_tokens(written),
            "total_tokens": read + estimate_tokens(written),
        }
        return Reply(reply.status, json.dumps(answer))


def table() -> str:
    rows = [
        "| provider | context | lecture | seconds | memory, MiB | calls | tokens in | out | US$ |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for context in CONTEXTS:
        for minutes in MINUTES:
            each = measure("openai", minutes, context)
            rows.append(_row(f"scripted {MODEL}", f"{context:,}", minutes, each))
    rows += [_row("extractive", "–", m, measure("extractive", m, CONTEXTS[0])) for m in MINUTES]
    return "\n".join(rows)


def _row(name: str, context: str, minutes: int, each: dict[str, Any]) -> str:
    return (
        f"| {name} | {context} | {minutes} min | {each['seconds']} | {each['mib']} "
        f"| {each['calls']} | {each['inputTokens']:,} | {each['outputTokens']:,} "
        f"| {each['usd']:.4f} |"
    )


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--one", nargs=4, metavar=("PROVIDER", "MINUTES", "CONTEXT", "URL"))
    if (one_ := parser.parse_args(arguments).one) is not None:
        provider, minutes, context, url = one_
        print(json.dumps(one(provider, int(minutes), int(context), url)))
        return
    print(table())


if __name__ == "__main__":
    main()
