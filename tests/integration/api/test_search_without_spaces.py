"""Words and parts of clauses are found in scripts that put no space between words."""

import unicodedata
from importlib import import_module

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from shared.database.connections import Database
from shared.database.migrate import migrate
from shared.models import Lecture
from shared.runtime import Runtime
from shared.search.bigrams import indexed, searched
from tests.integration.api.test_search import found, index, search, spoken
from tests.integration.database.test_migrations import downgrade

CHINESE = ("今天我们讲光合作用。", "光合作用发生在叶绿体里。", "叶绿体把光能变成化学能。")
JAPANESE = ("今日は光合成について話します。", "クロロフィルはデータを使いません。")
THAI = ("วันนี้เราจะเรียนเรื่องการสังเคราะห์ด้วยแสง",)
KOREAN = ("오늘은 학교에서 광합성을 배웁니다.",)


@pytest.mark.parametrize(
    ("language", "said", "query"),
    [
        *(
            ("zh", CHINESE, query)
            for query in ("光合作用", "叶绿体", "化学能", "今天我们讲光合作用", "光", "合作", "里")
        ),
        *(("ja", JAPANESE, query) for query in ("光合成", "データ", "使いません", "クロロ")),
        *(("th", THAI, query) for query in ("สังเคราะห์", "แสง", "เรียน")),
        *(("ko", KOREAN, query) for query in ("학교", "광합성", "학교에서", "광합성을 배웁니다")),
    ],
)
def test_a_word_inside_a_clause_is_found_and_marked(
    runtime: Runtime, language: str, said: tuple[str, ...], query: str
) -> None:
    spoken(runtime, "lecture", *said, language=language)

    [hit], total = search(runtime, query)

    assert total == 1
    marked = {hit.excerpt[each.start : each.end] for each in hit.highlights}
    assert marked == set(query.split())


@pytest.mark.parametrize("query", ["合光", "作合", "叶绿素", "用光能", "光合能", "素"])
def test_what_was_not_said_is_not_found(runtime: Runtime, query: str) -> None:
    spoken(runtime, "lecture", *CHINESE, language="zh")

    assert found(runtime, query) == []


def test_operators_work_as_they_do_in_english(runtime: Runtime) -> None:
    spoken(runtime, "one", CHINESE[0], language="zh")
    spoken(runtime, "two", CHINESE[1], language="zh")
    spoken(runtime, "three", CHINESE[2], language="zh")

    assert found(runtime, "光合作用 叶绿体") == ["two"]
    assert set(found(runtime, "今天 or 化学能")) == {"one", "three"}
    assert found(runtime, "光合作用 -叶绿体") == ["one"]
    assert found(runtime, '"光合作用发生"') == ["two"]
    assert found(runtime, '叶绿体 -"光合作用"') == ["three"]


def test_words_of_both_kinds_are_found_together(runtime: Runtime) -> None:
    spoken(runtime, "lecture", "DNA复制发生在细胞核里。", language="zh")
    spoken(runtime, "quoting", "The Chinese call it 光合作用 today.")

    for query in ("DNA复制", "dna", "复制 DNA", "DNA复", "细胞核"):
        assert found(runtime, query) == ["lecture"], query
    for query in ("光合", "call 光合作用", "calls 合作", "Chinese"):
        assert found(runtime, query) == ["quoting"], query


def test_forms_that_look_alike_are_one(runtime: Runtime) -> None:
    spoken(runtime, "lecture", unicodedata.normalize("NFD", "한국어 강의"), language="ko")
    spoken(runtime, "katakana", "ﾃﾞｰﾀ分析です。", language="ja")

    assert found(runtime, "한국") == ["lecture"]
    assert found(runtime, "データ分析") == ["katakana"]


@given(st.text(st.characters(max_codepoint=0x2FF), max_size=80))
@settings(derandomize=True)
def test_other_scripts_are_indexed_as_they_were(text: str) -> None:
    assert indexed(text) == text
    assert searched(text) == text


LETTERS = "光合作用叶绿体化学能今天我们讲がくせいデータภาษาไทยน้ำ학교에서배운다"
RUNS = st.text(LETTERS, min_size=1, max_size=12)


@given(data=st.data(), said=st.lists(RUNS, min_size=1, max_size=4), latin=st.booleans())
@settings(
    max_examples=40,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_part_of_a_run_is_found_where_it_is(
    runtime: Runtime, data: st.DataObject, said: list[str], latin: bool
) -> None:
    lecture = the_lecture(runtime)
    text = (" mitosis " if latin else "。").join(said)
    index(runtime, lecture, text, language="zh")
    run = unicodedata.normalize("NFC", data.draw(st.sampled_from(said)))
    start = data.draw(st.integers(0, len(run) - 1))
    part = run[start : data.draw(st.integers(start + 1, len(run)))]

    [hit], _ = search(runtime, part)

    if part in hit.excerpt:
        assert part in "".join(hit.excerpt[each.start : each.end] for each in hit.highlights)
    another = data.draw(RUNS)
    if len(another) > 1 and another not in text:
        assert found(runtime, another) == []


def the_lecture(rt: Runtime) -> Lecture:
    """One lecture, whose words each example replaces."""
    with rt.database.reading() as session:
        known = session.scalar(select(Lecture))
    return known or spoken(rt, "lecture", "x")


def indexed_by_pairs(database: Database) -> bool:
    """Asked of any revision's schema, which the search of this code may not know."""
    pair, *_ = indexed("叶绿").split()
    found = text("SELECT bool_or(terms @@ to_tsquery('simple', :pair)) FROM passages")
    with database.engine.connect() as connection:
        return bool(connection.scalar(found, {"pair": pair}))


def test_passages_of_before_are_found_after_the_migration(
    runtime: Runtime, database: Database
) -> None:
    migration = import_module("shared.database.migrations.versions.0010_search_without_spaces")
    spoken(runtime, "chinese", *CHINESE, language="zh")
    spoken(runtime, "english", "A bucket may be full.")
    assert indexed_by_pairs(database)
    downgrade(database, migration.down_revision)
    assert not indexed_by_pairs(database)

    migrate(database)

    assert found(runtime, "叶绿体") == ["chinese"]
    assert found(runtime, "buckets") == ["english"]
