"""A lecture's words as rows that the search can find.

A passage is a few neighbouring sentences, since the terms of a query are rarely all in one.
It is written in the transaction that makes the transcript current, so that the two always
agree.
"""

import uuid
from collections.abc import Iterable, Sequence
from itertools import accumulate, chain

from sqlalchemy import (
    Double,
    Integer,
    Text,
    Uuid,
    cast,
    column,
    delete,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from shared.documents.transcript import Transcript, Utterance
from shared.models import Passage
from shared.search.bigrams import indexed

MOST_SEC = 40.0
MOST_CHARACTERS = 600
"""What would be longer begins a new passage; a longer utterance is a passage of its own."""

WITHOUT_GRAMMAR = "simple"
"""Postgres' configuration that takes words as they are: no stems, no stop words."""

_CONFIGS = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}
"""ISO 639-1 to the configurations that every Postgres since 14 has."""

_INVISIBLE = dict.fromkeys(map(chr, chain(range(0x20), [0x7F])), "")
_INVISIBLE |= dict.fromkeys("\t\n\v\f\r", " ")
_CLEANED = str.maketrans(_INVISIBLE)


def search_config(language: str) -> str:
    """Postgres' text search configuration for an ISO 639-1 language."""
    return _CONFIGS.get(language.lower(), WITHOUT_GRAMMAR)


def index_transcript(session: Session, lecture_id: uuid.UUID, transcript: Transcript) -> None:
    """Make the transcript what the search finds of the lecture, in the caller's transaction."""
    forget_passages(session, lecture_id)
    config = search_config(transcript.language)
    # One statement with one parameter for all of them: a long lecture has hundreds.
    passages = (
        func.jsonb_to_recordset(cast(_rows(transcript), JSONB))
        .table_valued(
            column("index", Integer),
            column("start_sec", Double),
            column("end_sec", Double),
            column("text", Text),
            column("indexed", Text),
            column("utterances", JSONB),
        )
        .render_derived(with_types=True)
    )
    session.execute(
        insert(Passage).from_select(
            [
                *("lecture_id", "index", "start_sec", "end_sec", "text"),
                *("utterances", "config", "terms"),
            ],
            select(
                literal(lecture_id, Uuid),
                passages.c.index,
                passages.c.start_sec,
                passages.c.end_sec,
                passages.c.text,
                passages.c.utterances,
                literal(config, Text),
                func.to_tsvector(config, passages.c.indexed),
            ),
        )
    )


def forget_passages(session: Session, lecture_id: uuid.UUID) -> None:
    """Let the search find nothing of the lecture any more."""
    session.execute(delete(Passage).where(Passage.lecture_id == lecture_id))


def _rows(transcript: Transcript) -> list[dict[str, object]]:
    groups = _grouped(transcript.utterances)
    return [_row(index, group) for index, group in enumerate(groups)]


def _row(index: int, group: Sequence[Utterance]) -> dict[str, object]:
    texts = [_clean(utterance.text) for utterance in group]
    places = accumulate((len(each) + 1 for each in texts), initial=0)
    text = " ".join(texts)
    return {
        "index": index,
        "start_sec": group[0].start_sec,
        "end_sec": group[-1].end_sec,
        "text": text,
        "indexed": indexed(text),
        "utterances": [
            [place, utterance.id, utterance.start_sec]
            for place, utterance in zip(places, group, strict=False)
        ],
    }


def _grouped(utterances: Sequence[Utterance]) -> Iterable[list[Utterance]]:
    group: list[Utterance] = []
    characters = 0
    for utterance in utterances:
        characters += len(utterance.text) + 1
        if group and (
            utterance.end_sec - group[0].start_sec > MOST_SEC or characters > MOST_CHARACTERS
        ):
            yield group
            group, characters = [], len(utterance.text) + 1
        group.append(utterance)
    if group:
        yield group


def _clean(text: str) -> str:
    """Without control characters: Postgres keeps no NUL, and the search marks with others."""
    return " ".join(text.translate(_CLEANED).split())
