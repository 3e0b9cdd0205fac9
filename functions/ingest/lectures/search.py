"""Full-text search in the transcripts of an owner's lectures."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    case,
    cast,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import REGCONFIG
from sqlalchemy.orm import Session

from shared.models import Course, Lecture, Passage, unrestricted
from shared.search.bigrams import has_runs, occurrences, searched

Q = TypeVar("Q", bound=Select[Any])

_BEGIN, _END = "\x02", "\x03"
"""Around a found word on its way from Postgres; no passage contains them."""


_BELOW_ONE = 32
"""Normalization of `ts_rank_cd`: rank / (rank + 1)."""
_BEGUN = re.compile(r"""(?P<before>(?:[^"]|"[^"]*")*?)(?<![^\s"])(?P<word>[^\W_]{3,})""")
"""A query that ends with a plain word, outside of quotes."""
_WHOLE_PASSAGE = f'StartSel="{_BEGIN}", StopSel="{_END}", HighlightAll=true'


@dataclass(frozen=True)
class Found:
    """A found word in an excerpt: start and end (exclusive) in code points."""

    start: int
    end: int
    utterance_id: int | None
    start_sec: float
    """Of the utterance; of the whole stretch where an earlier version indexed the transcript."""


@dataclass(frozen=True)
class Hit:
    """A stretch of a lecture, some sentences long, in which the words were said."""

    lecture_id: str
    """The client's name for the lecture, as everywhere in the API; so is `course_id`."""
    course_id: str
    title: str | None
    start_sec: float
    end_sec: float
    excerpt: str
    """Plain text: what looks like markup in it was said that way."""
    highlights: tuple[Found, ...]
    rank: float
    """Higher is better; comparable only among the hits of one query."""


def search_transcripts(
    session: Session, owner: str, query: str, *, course: str | None, limit: int, offset: int
) -> tuple[list[Hit], int]:
    """The best passages of the owner's lectures, and how many there are in all.

    `query` is what people type into search engines: words that all must occur, in any
    inflection; "a phrase"; or; -without. The last word may be only begun: passages with longer
    words follow those with the word itself. In scripts without spaces between words, and in
    Korean, a word is found wherever it stands. `course` is a slug and narrows it to one course. A
    query of nothing but exclusions or stop words finds nothing.
    """
    typed = query.replace("\x00", "")
    words = searched(typed)
    asked = _Asked(words, _begun(typed))
    mine = and_(Lecture.owner == owner, unrestricted)
    if course is not None:
        mine = and_(mine, Course.slug == course)
    configs = _configs(session, words, mine)
    if not configs:
        return [], 0
    matching = and_(mine, _matches(configs, asked))
    total = session.scalar(_of_lectures(select(func.count())).where(matching)) or 0
    rows = _page(session, configs, asked, matching, limit=limit, offset=offset)
    return [_hit(row, typed) for row in rows], total


def _apart(spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Spans in order, those that overlap as one."""
    if not spans:
        return
    start, end = spans[0]
    for next_start, next_end in spans[1:]:
        if next_start < end:
            end = max(end, next_end)
            continue
        yield start, end
        start, end = next_start, next_end
    yield start, end


def _configs(session: Session, words: str, mine: ColumnElement[bool]) -> Sequence[str]:
    """The text search configurations of the passages that could match.

    Not those in which the index cannot serve the query, as it has no word to look for.
    """
    # A lecture's passages are all in one language: the first speaks for them.
    in_use = (
        _of_lectures(select(Passage.config)).where(mine, Passage.index == 0).distinct().subquery()
    )
    query = func.websearch_to_tsquery(cast(in_use.c.config, REGCONFIG), words)
    return session.scalars(
        select(in_use.c.config)
        .where(func.querytree(query).not_in(("", "T")))
        .order_by(in_use.c.config)
    ).all()


def _begun(typed: str) -> tuple[str, str] | None:
    query = _BEGUN.fullmatch(typed)
    if query is None or has_runs(query["word"]):
        return None
    before = query["before"]
    if before.split()[-1:] == ["or"]:
        return None
    return searched(before), query["word"]


class _Asked(NamedTuple):
    words: str
    begun: tuple[str, str] | None
    """What is before the last word, and the last word, where it may be begun only."""

    def exact(self, config: str) -> ColumnElement[Any]:
        return func.websearch_to_tsquery(config, self.words)

    def query(self, config: str) -> ColumnElement[Any]:
        if self.begun is None:
            return self.exact(config)
        before, word = self.begun
        longer = func.websearch_to_tsquery(config, before).bool_op("&&")(
            func.to_tsquery(config, f"'{word}':*")
        )
        return self.exact(config).bool_op("||")(longer)


def _matches(configs: Sequence[str], asked: _Asked) -> ColumnElement[bool]:
    """One condition for each configuration, so that the index on the terms serves it."""
    return or_(
        false(),
        *(
            and_(
                Passage.config == config,
                Passage.terms.bool_op("@@")(asked.query(config)),
            )
            for config in configs
        ),
    )


def _page(
    session: Session,
    configs: Sequence[str],
    asked: _Asked,
    matching: ColumnElement[bool],
    *,
    limit: int,
    offset: int,
) -> Sequence[Row[Any]]:
    query = case({each: asked.query(each) for each in configs}, value=Passage.config)
    exact = case({each: asked.exact(each) for each in configs}, value=Passage.config)
    # Postgres' rank is below 1, so what has the words themselves is before what has longer ones.
    rank = func.ts_rank_cd(Passage.terms, query, _BELOW_ONE) + case(
        (Passage.terms.bool_op("@@")(exact), 1.0), else_=0.0
    )
    best = (
        _of_lectures(
            select(
                Lecture.slug.label("lecture"),
                Course.slug.label("course"),
                Lecture.title,
                Passage.start_sec,
                Passage.end_sec,
                Passage.text,
                Passage.utterances,
                Passage.config,
                query.label("query"),
                rank.label("rank"),
                func.row_number()
                .over(
                    order_by=(
                        rank.desc(),
                        Lecture.created_at,
                        Lecture.id,
                        Passage.index,
                    )
                )
                .label("place"),
            )
        )
        .where(matching)
        .order_by("place")
        .limit(limit)
        .offset(offset)
        .subquery()
    )
    # Outside, so that only this page's passages are read again word by word.
    marked = func.ts_headline(
        cast(best.c.config, REGCONFIG), best.c.text, best.c.query, _WHOLE_PASSAGE
    )
    return session.execute(select(best, marked.label("marked")).order_by(best.c.place)).all()


def _hit(row: Row[Any], typed: str) -> Hit:
    excerpt, spans = _unmarked(row.marked)
    # With what Postgres does not see in the excerpt: the query's runs without spaces.
    spans = sorted({*spans, *occurrences(typed, excerpt)})
    return Hit(
        lecture_id=row.lecture,
        course_id=row.course,
        title=row.title,
        start_sec=row.start_sec,
        end_sec=row.end_sec,
        excerpt=excerpt,
        highlights=tuple(_placed(row, start, end) for start, end in _apart(spans)),
        rank=row.rank,
    )


def _of_lectures(query: Q) -> Q:
    return (
        query.select_from(Passage)
        .join(Lecture, Lecture.id == Passage.lecture_id)
        .join(Course, Course.id == Lecture.course_id)
    )


def _placed(row: Row[Any], start: int, end: int) -> Found:
    utterances = [each for each in row.utterances or () if each[0] <= start]
    if not utterances:
        return Found(start, end, None, row.start_sec)
    _, utterance_id, start_sec = utterances[-1]
    return Found(start, end, int(utterance_id), start_sec)


def _unmarked(marked: str) -> tuple[str, list[tuple[int, int]]]:
    """The text without its marks, and where they were."""
    pieces: list[str] = []
    spans: list[tuple[int, int]] = []
    at = 0
    for index, piece in enumerate(marked.replace(_END, _BEGIN).split(_BEGIN)):
        if index % 2:
            spans.append((at, at + len(piece)))
        pieces.append(piece)
        at += len(piece)
    return "".join(pieces), spans
