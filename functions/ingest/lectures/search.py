"""Full-text search in the transcripts of an owner's lectures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

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

from shared.courses.restriction import unrestricted
from shared.models import Course, Lecture, Passage
from shared.search.bigrams import occurrences, searched

Q = TypeVar("Q", bound=Select[Any])

_BEGIN, _END = "\x02", "\x03"
"""Around a found word on its way from Postgres; no passage contains them."""

_WHOLE_PASSAGE = f'StartSel="{_BEGIN}", StopSel="{_END}", HighlightAll=true'


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
    highlights: tuple[tuple[int, int], ...]
    """Start and end (exclusive) of the found words in the excerpt, in code points."""
    rank: float
    """Higher is better; comparable only among the hits of one query."""


def search_transcripts(
    session: Session, owner: str, query: str, *, course: str | None, limit: int, offset: int
) -> tuple[list[Hit], int]:
    """The best passages of the owner's lectures, and how many there are in all.

    `query` is what people type into search engines: words that all must occur, in any
    inflection; "a phrase"; or; -without. In scripts without spaces between words, and in Korean, a
    word is found wherever it stands. `course` is a slug and narrows it to one course.
    A query of nothing but exclusions or stop words finds nothing.
    """
    typed = query.replace("\x00", "")
    words = searched(typed)
    mine = and_(Lecture.owner == owner, unrestricted)
    if course is not None:
        mine = and_(mine, Course.slug == course)
    configs = _configs(session, words, mine)
    if not configs:
        return [], 0
    matching = and_(mine, _matches(configs, words))
    total = session.scalar(_of_lectures(select(func.count())).where(matching)) or 0
    hits = _page(session, configs, words, matching, limit=limit, offset=offset)
    return [_with_runs(hit, typed) for hit in hits], total


def _with_runs(hit: Hit, typed: str) -> Hit:
    """With what Postgres does not see in the excerpt: the query's runs without spaces."""
    if not (found := occurrences(typed, hit.excerpt)):
        return hit
    spans = sorted({*hit.highlights, *found})
    return replace(hit, highlights=tuple(_apart(spans)))


def _apart(spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Spans in order, those that overlap as one."""
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


def _matches(configs: Sequence[str], words: str) -> ColumnElement[bool]:
    """One condition for each configuration, so that the index on the terms serves it."""
    return or_(
        false(),
        *(
            and_(
                Passage.config == config,
                Passage.terms.bool_op("@@")(func.websearch_to_tsquery(config, words)),
            )
            for config in configs
        ),
    )


def _page(
    session: Session,
    configs: Sequence[str],
    words: str,
    matching: ColumnElement[bool],
    *,
    limit: int,
    offset: int,
) -> list[Hit]:
    query = case(
        {config: func.websearch_to_tsquery(config, words) for config in configs},
        value=Passage.config,
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
                Passage.config,
                query.label("query"),
                func.ts_rank_cd(Passage.terms, query).label("rank"),
                func.row_number()
                .over(
                    order_by=(
                        func.ts_rank_cd(Passage.terms, query).desc(),
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
    rows = session.execute(select(best, marked.label("marked")).order_by(best.c.place))
    return [_hit(row) for row in rows]


def _hit(row: Row[Any]) -> Hit:
    excerpt, highlights = _unmarked(row.marked)
    return Hit(
        lecture_id=row.lecture,
        course_id=row.course,
        title=row.title,
        start_sec=row.start_sec,
        end_sec=row.end_sec,
        excerpt=excerpt,
        highlights=highlights,
        rank=row.rank,
    )


def _of_lectures(query: Q) -> Q:
    return (
        query.select_from(Passage)
        .join(Lecture, Lecture.id == Passage.lecture_id)
        .join(Course, Course.id == Lecture.course_id)
    )


def _unmarked(marked: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The text without its marks, and where they were."""
    pieces: list[str] = []
    spans: list[tuple[int, int]] = []
    at = 0
    for index, piece in enumerate(marked.replace(_END, _BEGIN).split(_BEGIN)):
        if index % 2:
            spans.append((at, at + len(piece)))
        pieces.append(piece)
        at += len(piece)
    return "".join(pieces), tuple(spans)
