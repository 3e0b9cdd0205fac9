"""Without any model, the material is drawn from the lecture and of use to a student."""

import random
import re
from dataclasses import replace

import pytest

from functions.generate.grounding.checks import gist
from functions.generate.providers.extractive.provider import ExtractiveProvider
from functions.generate.text.language import language_of
from functions.generate.text.sentences import split_sentences
from functions.generate.text.words import tokens
from shared.documents.transcript import Transcript, Utterance
from shared.errors import NoSpeechError
from tests.unit.generate import lectures
from tests.unit.generate.lectures import draft, items, lecture, request, spoken

LANGUAGE = language_of("en")


@pytest.mark.parametrize("name", lectures.NAMES)
def test_most_key_facts_of_a_lecture_are_in_its_material(name: str) -> None:
    texts = [text.lower() for text, _ in items(draft(lecture(name)).contents)]
    covered = [
        fact
        for fact, groups in lectures.key_facts(name)
        if any(
            all(any(word.lower() in text for word in group) for group in groups) for text in texts
        )
    ]
    assert len(covered) >= 0.5 * len(lectures.key_facts(name))


@pytest.mark.parametrize("name", lectures.NAMES)
def test_every_item_quotes_the_very_words_at_their_very_time(name: str) -> None:
    transcript = lecture(name)
    words = [word for utterance in transcript.utterances for word in utterance.words]
    starts = {word.start_sec: position for position, word in enumerate(words)}
    for text, citations in items(draft(transcript).contents):
        assert text.strip()
        for citation in citations:
            first = starts[citation.start_sec]
            quoted = words[first : first + len(citation.quote.split())]
            assert " ".join(word.text for word in quoted) == citation.quote
            assert quoted[-1].end_sec == citation.end_sec


@pytest.mark.parametrize("name", lectures.NAMES)
def test_nothing_of_an_extractive_draft_needs_repair(name: str) -> None:
    grounded = lectures.grounded(draft(lecture(name)), lecture(name))
    for counts in grounded.grounding.values():
        assert counts.items == counts.verified > 0


def test_the_same_lecture_gives_the_same_material() -> None:
    assert draft.__wrapped__(lecture("economics")) == draft.__wrapped__(lecture("economics"))


def test_cards_keep_their_keys_when_the_preset_changes() -> None:
    exam = {c.key: c.front for c in draft(lecture("economics"), "exam").contents.flashcards.cards}
    other = draft(lecture("economics"), "concept-map").contents.flashcards.cards
    assert {card.key for card in other} & set(exam)
    for card in other:
        assert exam.get(card.key, card.front) == card.front


# --- terms and their definitions ---


def terms(text: str, language: str = "en") -> dict[str, str]:
    contents = draft(spoken(text, language)).contents
    return {term.term: term.definition for term in contents.key_terms.terms}


PADDING = (
    "Rivers carry sand and stones from the mountains to the sea. The water slows down in the "
    "plains, and the sand settles on the ground."
)


@pytest.mark.parametrize(
    ("said", "term", "definition"),
    [
        (
            "A meander is a wide bend that a slow river cuts into soft ground.",
            "meander",
            "A meander is a wide bend that a slow river cuts into soft ground.",
        ),
        (
            "Soft ground gives way on the outer bank of each bend. We call this lateral erosion.",
            "lateral erosion",
            "Soft ground gives way on the outer bank of each bend.",
        ),
        (
            "The river breaks through the neck of a bend and leaves a lake behind. Such a "
            "curved lake is called an oxbow lake.",
            "oxbow lake",
            "The river breaks through the neck of a bend and leaves a lake behind. Such a curved "
            "lake is called an oxbow lake.",
        ),
        (
            "Today we look at sedimentation, which is the settling of solid matter out of water.",
            "sedimentation",
            "The settling of solid matter out of water.",
        ),
        (
            "Turbidity refers to the cloudiness of water that carries fine particles.",
            "turbidity",
            "Turbidity refers to the cloudiness of water that carries fine particles.",
        ),
        (
            "The first process is saltation. Grains of sand jump along the bed of the river.",
            "saltation",
            "Grains of sand jump along the bed of the river.",
        ),
    ],
)
def test_a_term_is_defined_in_the_words_that_introduced_it(
    said: str, term: str, definition: str
) -> None:
    found = terms(f"{PADDING} {said} {PADDING.replace('sand', 'mud')}")
    assert found.get(term, "").removeprefix("The first process is saltation. ") == definition


def test_a_name_before_a_verb_ends_where_the_name_ends() -> None:
    found = terms(
        "A mineral called halite dissolves in fresh water. Halite tastes of salt. Miners dig "
        "halite out of old sea beds."
    )
    assert "halite" in found
    assert not any(term.startswith("halite ") for term in found)


@pytest.mark.parametrize(
    ("language", "said", "term"),
    [
        (
            "de",
            "Die Osmose ist eine Bewegung von Wasser durch eine halbdurchlässige Wand. Das "
            "Wasser fließt zur salzigen Seite.",
            "Osmose",
        ),
        (
            "fr",
            "L'osmose est un passage de l'eau à travers une membrane. L'eau va vers le côté "
            "salé de la membrane.",
            "osmose",
        ),
        (
            "es",
            "La ósmosis es el paso del agua a través de una membrana. El agua va hacia el lado "
            "salado de la membrana.",
            "ósmosis",
        ),
    ],
)
def test_definitions_are_found_in_other_languages(language: str, said: str, term: str) -> None:
    assert any(term in found for found in terms(said, language))


def test_a_language_without_phrases_of_its_own_still_gives_material() -> None:
    text = (
        "Mimea hutumia mwanga wa jua kutengeneza chakula. Mwanga wa jua huingia kwenye majani. "
        "Majani hubadilisha mwanga wa jua kuwa nishati. Nishati hiyo husaidia mimea kukua."
    )
    grounded = lectures.grounded(draft(spoken(text, "sw")), spoken(text, "sw"))
    assert all(counts.verified for counts in grounded.grounding.values())
    assert not any("lecture" in text.lower() for text, _ in items(grounded.contents))


def test_indic_words_stay_whole() -> None:
    assert tokens("हिन्दी में पौधे।") == ("हिन्दी", "में", "पौधे")


@pytest.mark.parametrize("name", lectures.NAMES)
def test_no_term_begins_or_ends_with_a_stop_word(name: str) -> None:
    for term in draft(lecture(name)).contents.key_terms.terms:
        words = tokens(term.term)
        assert not LANGUAGE.is_stop(words[0])
        assert not LANGUAGE.is_stop(words[-1])


@pytest.mark.parametrize("name", lectures.NAMES)
def test_terms_and_section_titles_are_all_different(name: str) -> None:
    contents = draft(lecture(name)).contents
    named = [term.term for term in contents.key_terms.terms]
    titles = [section.title for section in contents.summary.sections]
    assert len(set(named)) == len(named)
    assert len(set(titles)) == len(titles)


def test_greetings_and_homework_are_no_material() -> None:
    texts = [text for text, _ in items(draft(lecture("hashing-1")).contents)]
    assert not any("laptop" in text or "Welcome" in text for text in texts)


@pytest.mark.parametrize("name", lectures.NAMES)
def test_no_item_begins_with_a_word_that_points_back(name: str) -> None:
    contents = draft(lecture(name)).contents
    shown = [b.text for section in contents.summary.sections for b in section.bullets]
    shown += [term.definition for term in contents.key_terms.terms]
    shown += [card.front for card in contents.flashcards.cards]
    for text in shown:
        assert tokens(text)[0] not in {"it", "this", "they", "these", "that", "them"}


# --- cards and questions ---


@pytest.mark.parametrize("name", lectures.NAMES)
def test_no_card_gives_its_answer_away_and_none_comes_twice(name: str) -> None:
    cards = draft(lecture(name)).contents.flashcards.cards
    assert len({card.key for card in cards}) == len(cards)
    assert len({(card.front, card.back) for card in cards}) == len(cards)
    for card in cards:
        if card.kind == "basic":
            assert card.back not in card.front
            continue
        hidden = re.findall(r"\{\{c1::(.*?)\}\}", card.front)
        shown = re.sub(r"\{\{c1::.*?\}\}", " ", card.front)
        assert hidden
        for words in hidden:
            assert f" {words.lower()} " not in f" {' '.join(tokens(shown))} "


def test_a_card_asks_for_a_defined_term_with_its_article() -> None:
    cards = draft(lecture("hashing-1")).contents.flashcards.cards
    fronts = [card.front for card in cards]
    assert "What is amortized analysis?" in fronts
    assert "What is a collision?" in fronts


def test_the_same_lecture_always_gives_the_same_draft() -> None:
    """tests/support/lectures/drafts_once.py relies on it."""
    again = Transcript.model_validate_json(lecture("hashing-1").to_json())
    assert ExtractiveProvider().generate(request(again)) == draft(lecture("hashing-1"))


def test_the_lecturers_own_question_is_asked_once_with_the_answer_that_followed() -> None:
    asked = request(lecture("economics"))
    none = asked.preset.model_copy(update={"question_counts": {"multiple-choice": 1}})
    # Where the preset wants short answers it is one of them, elsewhere a card.
    for preset, is_card in ((asked.preset, False), (none, True)):
        contents = ExtractiveProvider().generate(replace(asked, preset=preset)).contents
        cards = {card.front: card.back for card in contents.flashcards.cards}
        short = {each.question: each.answer for each in contents.exam_questions.questions}
        question = "What happens if the price is too high?"
        assert (question in cards, question in short) == (is_card, not is_card)
        answer = (cards if is_card else short)[question]
        assert answer.startswith("Then there is a surplus. The warehouses fill up")


@pytest.mark.parametrize("name", lectures.NAMES)
def test_no_short_answer_asks_what_a_card_asks(name: str) -> None:
    contents = draft(lecture(name)).contents
    fronts = {gist(card.front) for card in contents.flashcards.cards}
    asked = [q for q in contents.exam_questions.questions if q.kind == "short-answer"]
    assert [q.question for q in asked if gist(q.question) in fronts] == []


def test_a_short_lecture_has_fewer_cards_than_the_preset_allows() -> None:
    whole = lecture("photosynthesis")
    counts = []
    for part in (12, 24, len(whole.utterances)):
        said = whole.model_copy(update={"utterances": whole.utterances[:part]})
        counts.append(len(draft(said).contents.flashcards.cards))
    assert counts[0] < counts[1] < counts[2]
    assert counts[0] <= 12 * 0.6


@pytest.mark.parametrize("name", lectures.NAMES)
def test_a_multiple_choice_question_has_one_right_answer_and_wrong_ones_of_the_lecture(
    name: str,
) -> None:
    transcript = lecture(name)
    said = " ".join(tokens(transcript.text))
    questions = draft(transcript).contents.exam_questions.questions
    choices = [question for question in questions if question.kind == "multiple-choice"]
    assert len(choices) == 8
    for question in choices:
        assert question.options.count(question.answer) == 1
        assert len(set(question.options)) == len(question.options) >= 3
        for option in question.options:
            assert " ".join(tokens(option)) in said
            # Neither the answer nor a wrong option stands in the question itself.
            stem = f" {' '.join(tokens(question.question))} "
            assert f" {' '.join(tokens(option))} " not in stem
    positions = {question.options.index(question.answer) for question in choices}
    assert len(positions) > 1


@pytest.mark.parametrize("name", lectures.NAMES)
def test_a_true_statement_was_said_and_a_false_one_was_not(name: str) -> None:
    transcript = lecture(name)
    said = " ".join(tokens(transcript.text))
    questions = draft(transcript).contents.exam_questions.questions
    statements = [question for question in questions if question.kind == "true-false"]
    assert {question.answer for question in statements} == {"True", "False"}
    for question in statements:
        claim = " ".join(tokens(question.question.removeprefix("True or false? ")))
        assert (claim in said) == (question.answer == "True")
        assert question.citations[0].quote in question.explanation


@pytest.mark.parametrize("name", lectures.NAMES)
def test_an_essay_has_marking_points_with_evidence_each(name: str) -> None:
    questions = draft(lecture(name)).contents.exam_questions.questions
    essays = [question for question in questions if question.kind == "essay"]
    assert essays
    for essay in essays:
        assert len(essay.marking_points) >= 2
        assert len(essay.citations) >= len(essay.marking_points)


# --- short, long and strange recordings ---


@pytest.mark.parametrize(
    "text",
    [
        "Hello.",
        "What?",
        "So, um.",
        "one two three",
        "Rubisco fixes carbon.",
        "Please bring your laptop.",
        "The mitochondrion is the powerhouse of the cell.",
        "1 2 3 4 5.",
        "It is called that.",
    ],
)
@pytest.mark.parametrize("preset", ["exam", "research"])
def test_a_few_words_give_few_items_and_no_empty_artifact(text: str, preset: str) -> None:
    transcript = spoken(text)
    grounded = lectures.grounded(draft(transcript, preset), transcript, preset)
    assert all(counts.verified >= 1 for counts in grounded.grounding.values())


@pytest.mark.parametrize("text", ["", "… — ?!"])
def test_a_transcript_without_words_is_refused(text: str) -> None:
    with pytest.raises(NoSpeechError):
        draft(spoken(text))


def test_an_utterance_without_word_times_is_spread_over_its_span() -> None:
    utterance = Utterance(
        id=0, start_sec=10, end_sec=14, text="Salt melts ice.", confidence=0.5, words=()
    )
    transcript = Transcript(
        language="en", duration_sec=20, provider="x", model="y", utterances=(utterance,)
    )
    (sentence,) = split_sentences(transcript, LANGUAGE)
    assert sentence.citation.start_sec == 10
    assert sentence.citation.end_sec == 14
    assert (
        lectures.grounded(draft(transcript), transcript).contents.summary.overview
        == "Salt melts ice."
    )


def test_sentences_run_across_utterances_and_stop_at_full_stops() -> None:
    transcript = spoken("Dr. Gray measured 3.5 volts, e.g. at noon. It was J. Watson who")
    later = spoken("asked why.")
    shifted = later.utterances[0].model_copy(update={"id": 99})
    joined = transcript.model_copy(update={"utterances": (*transcript.utterances, shifted)})
    assert [sentence.citation.quote for sentence in split_sentences(joined, LANGUAGE)] == [
        "Dr. Gray measured 3.5 volts, e.g. at noon.",
        "It was J. Watson who asked why.",
    ]


def test_speech_without_full_stops_is_cut_all_the_same() -> None:
    transcript = spoken(" ".join(["word"] * 500))
    assert max(len(s.words) for s in split_sentences(transcript, LANGUAGE)) <= 60


@pytest.mark.slow
def test_a_lecture_of_hours_gives_no_more_than_the_preset_asks_for() -> None:
    chance = random.Random(7)  # noqa: S311 - made-up speech
    vocabulary = [f"w{number:04d}" for number in range(3000)]
    glue = ["the", "of", "a", "in", "is", "and"]
    words: list[str] = []
    while len(words) < 12_000:
        ranks = [int(3000 ** chance.random()) - 1 for _ in range(chance.randrange(6, 25))]
        words += [chance.choice(glue) if n % 2 else vocabulary[r] for n, r in enumerate(ranks)]
        words[-1] += "."
    transcript = spoken(" ".join(words))
    grounded = lectures.grounded(draft(transcript), transcript)
    assert len(grounded.contents.flashcards.cards) <= 30
    assert len(grounded.contents.summary.sections) <= 6
    assert all(counts.dropped == 0 for counts in grounded.grounding.values())
