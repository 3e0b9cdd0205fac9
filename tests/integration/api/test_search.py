"""An owner finds what was said, with the second at which it was said."""

import random
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import event, select, update

from functions.ingest.app import all_operations, create_app
from functions.ingest.lectures.search import Hit, search_transcripts
from functions.ingest.web.reference.openapi import openapi_document
from functions.retention.runs.expiry import expire
from functions.transcribe.join import join_segments
from shared.documents.transcript import Transcript, Utterance, Word
from shared.models import IdempotencyKey, Lecture, LectureStatus, Passage, RateLimit
from shared.runtime import Runtime
from shared.search.passages import MOST_CHARACTERS, MOST_SEC, index_transcript, search_config
from shared.speech.recognition import Recognition
from shared.workers.heartbeat import Heartbeat
from shared.workers.outcomes import DONE
from tests.support.clock import HeldClock
from tests.support.lectures.builders import (
    OWNER,
    add_lecture,
    changed,
    claim_segment,
    fan_out,
    get_lecture,
    segment_transcript,
    uploaded,
)

pytestmark = pytest.mark.usefixtures("owner_conditions")

SENTENCE_SEC = 10.0
TRANSCRIPT_DAYS = 14


def transcript(sentences: Sequence[str], *, language: str = "en") -> Transcript:
    """Sentences of ten seconds each, one after the other."""
    return Transcript(
        language=language,
        duration_sec=len(sentences) * SENTENCE_SEC,
        provider="whisper",
        model="base",
        utterances=tuple(
            Utterance(
                id=index,
                start_sec=index * SENTENCE_SEC,
                end_sec=(index + 1) * SENTENCE_SEC,
                text=sentence,
                confidence=1.0,
                words=(),
            )
            for index, sentence in enumerate(sentences)
        ),
    )


def index(rt: Runtime, lecture: Lecture, *sentences: str, language: str = "en") -> None:
    with rt.database.unit_of_work() as session:
        index_transcript(session, lecture.id, transcript(sentences, language=language))
        session.commit()


def spoken(
    rt: Runtime, slug: str, *sentences: str, language: str = "en", **lecture: Any
) -> Lecture:
    """A lecture in which this was said."""
    row = add_lecture(rt, slug, status=LectureStatus.COMPLETED, **lecture)
    index(rt, row, *sentences, language=language)
    return row


def search(
    rt: Runtime,
    query: str,
    *,
    owner: str = OWNER,
    course: str | None = None,
    limit: int = 20,
    offset: int = 0,
) -> tuple[list[Hit], int]:
    with rt.database.unit_of_work() as session:
        return search_transcripts(session, owner, query, course=course, limit=limit, offset=offset)


def found(rt: Runtime, query: str, **options: Any) -> list[str]:
    """The lectures that are found, best first."""
    hits, total = search(rt, query, **options)
    assert total == len(hits)
    return [hit.lecture_id for hit in hits]


def passages(rt: Runtime) -> list[Passage]:
    with rt.database.unit_of_work() as session:
        return list(
            session.scalars(select(Passage).order_by(Passage.lecture_id, Passage.index)).all()
        )


def marked(hit: Hit) -> list[str]:
    return [hit.excerpt[each.start : each.end] for each in hit.highlights]


class TestFinding:
    def test_each_found_word_leads_to_its_own_sentence(self, runtime: Runtime) -> None:
        spoken(runtime, "hashing", "A  bucket may be\x00 full.", "Then we probe the next bucket.")

        [hit], _ = search(runtime, "bucket probe")

        assert marked(hit) == ["bucket", "probe", "bucket"]
        places = [(each.utterance_id, each.start_sec) for each in hit.highlights]
        assert places == [(0, 0.0), (1, 10.0), (1, 10.0)]

    def test_what_an_earlier_version_indexed_leads_to_its_passage(self, runtime: Runtime) -> None:
        spoken(runtime, "long", *["Nothing of interest."] * 4, "Here comes entropy.")
        with runtime.database.unit_of_work() as session:
            session.execute(update(Passage).values(utterances=None))
            session.commit()

        [hit], _ = search(runtime, "entropy")

        [found] = hit.highlights
        assert (found.utterance_id, found.start_sec) == (None, hit.start_sec)

    def test_the_last_word_may_be_only_begun(self, runtime: Runtime) -> None:
        spoken(runtime, "plants", "Photosynthesis needs light.")
        spoken(runtime, "pictures", "A photo needs light, and a photograph more.")

        assert found(runtime, "photo") == ["pictures", "plants"], "the word itself comes first"
        assert found(runtime, "light photosyn") == ["plants"]
        assert found(runtime, '"needs light" photosyn') == ["plants"]
        assert found(runtime, "photosyn light") == [], "only the last one"
        assert found(runtime, '"photosyn"') == []
        assert found(runtime, "ph") == [], "of two letters too much begins with them"
        assert found(runtime, "-photosyn") == []
        [hit], _ = search(runtime, "photosyn")
        assert marked(hit) == ["Photosynthesis"]

    def test_nothing_that_is_typed_is_an_error(self, runtime: Runtime) -> None:
        spoken(runtime, "hashing", "A bucket may be full.")
        rng = random.Random(3)  # noqa: S311 - no secret

        for _ in range(60):
            typed = "".join(rng.choices("ab'\\:*&|!<>()\"- or日ä", k=rng.randrange(12)))
            search(runtime, typed)
            search(runtime, f"{typed} abc")

    def test_a_hit_says_where_and_when_and_which_words(self, runtime: Runtime) -> None:
        lecture = spoken(
            runtime,
            "hashing",
            "A bucket may be full.",
            "Then we probe the next one.",
            title="Hash tables",
        )

        [hit], total = search(runtime, "probe bucket")

        assert total == 1
        assert (hit.lecture_id, hit.course_id, hit.title) == (
            lecture.slug,
            "algorithms",
            "Hash tables",
        )
        assert (hit.start_sec, hit.end_sec) == (0.0, 20.0)
        assert hit.excerpt == "A bucket may be full. Then we probe the next one."
        assert marked(hit) == ["bucket", "probe"]
        assert hit.rank > 0

    def test_a_later_passage_has_its_own_times(self, runtime: Runtime) -> None:
        spoken(runtime, "long", *["Nothing of interest."] * 4, "Here comes entropy.")

        [hit], _ = search(runtime, "entropy")

        assert (hit.start_sec, hit.end_sec) == (40.0, 50.0)

    @pytest.mark.parametrize("query", ["collision", "colliding", "COLLIDES"])
    def test_english_is_found_in_any_inflection(self, runtime: Runtime, query: str) -> None:
        spoken(runtime, "hashing", "Two keys collided; collisions are common.")

        assert found(runtime, query) == ["hashing"]

    @pytest.mark.parametrize("query", ["Baum", "bäume", "Bäumen"])
    def test_german_is_found_in_any_inflection(self, runtime: Runtime, query: str) -> None:
        spoken(runtime, "graphen", "Bäume sind Graphen ohne Kreise.", language="de")

        assert found(runtime, query) == ["graphen"]

    def test_one_query_finds_lectures_in_several_languages(self, runtime: Runtime) -> None:
        spoken(runtime, "deutsch", "Der Algorithmus terminiert.", language="de")
        spoken(runtime, "english", "Its name in German is Algorithmus.")
        spoken(runtime, "klingon", "algorithmus Qapla", language="tlh")

        assert sorted(found(runtime, "algorithmus")) == ["deutsch", "english", "klingon"]

    def test_a_word_that_only_one_language_ignores_is_found_in_the_other(
        self, runtime: Runtime
    ) -> None:
        spoken(runtime, "deutsch", "Und die Zellen teilen sich.", language="de")
        spoken(runtime, "english", "Without water the cells die.")

        assert found(runtime, "die") == ["english"]

    def test_all_words_must_be_said_near_each_other(self, runtime: Runtime) -> None:
        spoken(runtime, "near", "First the chlorophyll.", "Then the electron.")
        spoken(runtime, "far", "First the chlorophyll.", *["Well."] * 10, "Then the electron.")

        assert found(runtime, "chlorophyll electron") == ["near"]

    def test_a_phrase_is_found_in_its_order(self, runtime: Runtime) -> None:
        spoken(runtime, "right", "We use linear probing here.")
        spoken(runtime, "wrong", "Probing is hardly ever linear.")

        assert found(runtime, '"linear probing"') == ["right"]

    def test_excluded_words_exclude(self, runtime: Runtime) -> None:
        spoken(runtime, "trees", "A search tree is balanced.")
        spoken(runtime, "web", "A search engine ranks pages.")

        assert found(runtime, "search -tree") == ["web"]

    def test_either_word_will_do_with_or(self, runtime: Runtime) -> None:
        spoken(runtime, "trees", "A tree is balanced.")
        spoken(runtime, "heaps", "A heap is not.")

        assert sorted(found(runtime, "tree or heap")) == ["heaps", "trees"]

    def test_the_best_comes_first(self, runtime: Runtime) -> None:
        spoken(runtime, "aside", "An entropy was mentioned among a lot of other things.")
        spoken(runtime, "topic", "Entropy is entropy, and more entropy.")

        hits, _ = search(runtime, "entropy")

        assert [hit.lecture_id for hit in hits] == ["topic", "aside"]
        assert hits[0].rank > hits[1].rank

    def test_equals_come_in_the_order_of_lectures_and_time(
        self, runtime: Runtime, clock: HeldClock
    ) -> None:
        sentences = ["Entropy."] * 9
        spoken(runtime, "first", *sentences)
        clock.advance(60)
        spoken(runtime, "second", *sentences[:4])

        hits, _ = search(runtime, "entropy")

        assert [(hit.lecture_id, hit.start_sec) for hit in hits] == [
            ("first", 0.0),
            ("first", 40.0),
            ("second", 0.0),
            ("first", 80.0),
        ]

    def test_pages_make_up_the_whole(self, runtime: Runtime) -> None:
        spoken(runtime, "long", *["Entropy grows."] * 20)
        whole, total = search(runtime, "entropy")

        pages = [search(runtime, "entropy", limit=2, offset=offset) for offset in (0, 2, 4, 6)]

        assert total == len(whole) == 5
        assert [hit for page, _ in pages for hit in page] == whole
        assert {count for _, count in pages} == {5}

    @pytest.mark.parametrize(
        "query", ["", "  ", "the of", "-tree", "!!! &|:*", '"', "\x00", "-tree -heap"]
    )
    def test_without_a_word_to_look_for_there_is_nothing(
        self, runtime: Runtime, query: str
    ) -> None:
        spoken(runtime, "hashing", "A heap of the keys.")

        assert search(runtime, query) == ([], 0)

    @pytest.mark.parametrize(
        "query", ["hash\x00ing", "hashing' OR 1=1 --", "hashing & | ! <-> :*", "hashing %s $1 \\"]
    )
    def test_no_query_breaks_it(self, runtime: Runtime, query: str) -> None:
        spoken(runtime, "hashing", "Hashing with 1=1 and a 1.")

        search(runtime, query)


class TestWhose:
    def test_nobody_finds_what_another_has_said(self, runtime: Runtime) -> None:
        spoken(runtime, "mine", "Entropy grows.")
        spoken(runtime, "theirs", "Entropie wächst, entropy grows.", owner="her", language="de")

        assert found(runtime, "entropy") == ["mine"]
        assert found(runtime, "entropy", owner="her") == ["theirs"]
        assert found(runtime, "entropy", owner="nobody") == []

    def test_one_course_can_be_searched_alone(self, runtime: Runtime) -> None:
        spoken(runtime, "physics-1", "Entropy grows.", course="physics")
        spoken(runtime, "coding-1", "Entropy is measured in bits.", course="coding")
        spoken(runtime, "hers", "Entropy.", course="physics", owner="her")

        assert found(runtime, "entropy", course="physics") == ["physics-1"]
        assert found(runtime, "entropy", course="history") == []


class TestText:
    def test_what_looks_like_markup_is_plain_text(self, runtime: Runtime) -> None:
        said = 'The <script>alert("x")</script> tag & <b>bold</b> &lt;i&gt; script.'
        spoken(runtime, "html", said)

        [hit], _ = search(runtime, "bold")

        assert hit.excerpt == said
        assert marked(hit) == ["bold"]

    def test_control_characters_neither_break_nor_fake_a_mark(self, runtime: Runtime) -> None:
        spoken(runtime, "odd", "A\x00 \x02fake\x03 mark\x1b and\n\ta\x7f true\x00 one.")

        [hit], _ = search(runtime, "true")

        assert hit.excerpt == "A fake mark and a true one."
        assert marked(hit) == ["true"]

    def test_offsets_count_characters_not_bytes(self, runtime: Runtime) -> None:
        spoken(runtime, "emoji", "Schön 🌳🌳: größere Wälder 🌲.", language="de")

        [hit], _ = search(runtime, "wald")

        assert marked(hit) == ["Wälder"]


class TestPassages:
    def test_they_hold_every_word_once_and_keep_their_limits(self, runtime: Runtime) -> None:
        sentences = [f"Sentence {n} " + "goes on " * (n % 30) + "and ends." for n in range(100)]
        spoken(runtime, "long", *sentences)

        rows = passages(runtime)

        assert " ".join(row.text for row in rows) == " ".join(sentences)
        assert [row.index for row in rows] == list(range(len(rows)))
        assert all(row.end_sec - row.start_sec <= MOST_SEC for row in rows)
        assert all(len(row.text) <= MOST_CHARACTERS for row in rows)
        assert 25 <= len(rows) < 70

    def test_an_utterance_beyond_the_limits_is_one_of_its_own(self, runtime: Runtime) -> None:
        endless = "on and " * 200 + "on"
        spoken(runtime, "long", "Before.", endless, "After.")

        assert [row.text for row in passages(runtime)] == ["Before.", endless, "After."]

    def test_three_hours_take_no_more_statements_than_a_minute(self, runtime: Runtime) -> None:
        statements: list[str] = []

        @event.listens_for(runtime.database.engine, "before_cursor_execute")
        def _note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            statements.append(statement)

        counts = []
        for minutes in (1, 180):
            lecture = uploaded(runtime, f"minutes-{minutes}")
            sentences = [f"Sentence {n} is about as long as most are." for n in range(6 * minutes)]
            statements.clear()
            index(runtime, lecture, *sentences)
            counts.append(len(statements))

        assert counts[0] == counts[1] > 0
        assert len(passages(runtime)) > 270

    def test_a_new_transcript_replaces_them(self, runtime: Runtime) -> None:
        lecture = spoken(runtime, "hashing", *["The old words."] * 9)
        spoken(runtime, "other", "The old words.")

        index(runtime, lecture, "The new words.")

        assert found(runtime, "new") == ["hashing"]
        assert found(runtime, "old") == ["other"]

    def test_without_a_word_there_are_none(self, runtime: Runtime) -> None:
        lecture = spoken(runtime, "hashing", "Words.")

        index(runtime, lecture)

        assert passages(runtime) == []

    def test_a_language_postgres_has_no_grammar_of_is_taken_word_for_word(
        self, runtime: Runtime
    ) -> None:
        spoken(runtime, "japanese", "kore wa pen desu", language="ja")

        assert found(runtime, "pen") == ["japanese"]
        assert found(runtime, "pens") == []
        assert search_config("und") == search_config("ja") == "simple"

    def test_every_grammar_is_known_to_postgres(self, runtime: Runtime) -> None:
        languages = (  # noqa: SIM905
            "ar ca da de el en es eu fi fr ga hi hu hy id it lt nb ne nl nn no pt ro ru sr sv ta "
            "tr yi"
        ).split()
        assert "simple" not in map(search_config, languages)
        for language in languages:
            spoken(runtime, language, "Entropia 42.", language=language)

        hits, _ = search(runtime, "42", limit=len(languages))
        assert sorted(hit.lecture_id for hit in hits) == languages


class TestTheirTranscript:
    def test_they_come_with_it(self, runtime: Runtime) -> None:
        lecture = uploaded(runtime)
        job_id = fan_out(runtime, lecture, 1).job_id
        segment = claim_segment(runtime, job_id, 0)
        name = segment_transcript(runtime, segment)
        words = tuple(
            Word(text=text, start_sec=n, end_sec=n + 0.5, probability=1.0)
            for n, text in enumerate(["Electrons", "reach", "the", "photosystem."])
        )
        recognition = Recognition(language="en", language_probability=1.0, words=words, withheld=0)
        runtime.store.create(name, recognition.to_json(), "application/json")
        join = runtime.segments.complete(segment, name)
        assert join is not None

        join_segments(runtime, join, Heartbeat(lambda: True, interval_sec=60))

        [hit], _ = search(runtime, "electron photosystem")
        assert (hit.lecture_id, hit.start_sec, hit.end_sec) == ("hashing", 0.0, 3.5)

    def test_they_go_with_it(self, runtime: Runtime, clock: HeldClock) -> None:
        old = spoken(
            runtime,
            "old",
            "Entropy grows.",
            transcript_object="transcripts/old",
        )
        clock.advance(days=TRANSCRIPT_DAYS)
        spoken(runtime, "new", "Entropy grows.", transcript_object="transcripts/new")

        assert expire(runtime) == DONE

        assert get_lecture(runtime, old).transcript_deleted_at == clock.now
        assert found(runtime, "entropy") == ["new"]


class TestByPost:
    """The words of a question are in no address and in no row."""

    def test_it_finds_what_the_deprecated_address_finds(self, runtime: Runtime) -> None:
        index(runtime, uploaded(runtime), "The heron waits.", "A heron hunts fish.")
        client = create_app(runtime).test_client()

        posted = client.post("/search", json={"q": "heron", "courseId": "algorithms", "limit": 1})
        asked = client.get("/search?q=heron&courseId=algorithms&limit=1")

        assert posted.status_code == 200
        assert posted.get_json() == asked.get_json()
        assert posted.get_json()["pagination"]["count"] == 1

    def test_it_is_a_read_and_leaves_no_row(self, runtime: Runtime) -> None:
        index(runtime, uploaded(runtime), "The heron waits.")
        one_write = changed(runtime, plc_write_rate_limit_max_requests=1)
        client = create_app(one_write).test_client()

        answers = [
            client.post("/search", json={"q": "heron"}, headers={"Idempotency-Key": "once"})
            for _ in range(3)
        ]

        assert [answer.status_code for answer in answers] == [200] * 3
        with runtime.database.unit_of_work() as session:
            assert not session.scalars(select(IdempotencyKey)).all()
            assert not session.scalars(select(RateLimit)).all()

    @pytest.mark.parametrize(
        ("body", "status"),
        [({"q": ""}, 422), ({"q": "x" * 201}, 422), ({}, 422), ({"q": "x", "limit": 0}, 422)],
    )
    def test_a_question_that_does_not_fit_is_refused(
        self, runtime: Runtime, body: dict[str, Any], status: int
    ) -> None:
        assert create_app(runtime).test_client().post("/search", json=body).status_code == status

    def test_the_address_is_deprecated_in_the_document(self, runtime: Runtime) -> None:
        search = openapi_document(all_operations(runtime))["paths"]["/search"]

        assert search["get"]["deprecated"] is True
        assert "deprecated" not in search["post"]
        assert {each["name"] for each in search["post"]["parameters"]} == set()
