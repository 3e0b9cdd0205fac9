"""An opener is cut only where a comma, or an utterance of its own, sets it off."""

from pathlib import Path

import pytest

from functions.generate.text import phrasing
from functions.generate.text.language import language_of
from functions.generate.text.phrasing import load_phrasing
from functions.generate.text.sentences import Sentence, split_sentences
from shared.documents.transcript import Transcript
from tests.unit.generate.lectures import draft, items, spoken

CODES = sorted(
    file.stem
    for file in Path(phrasing.__file__).parent.glob("*.json")
    if load_phrasing(file.stem).openers
)
OPENERS = [(code, opener) for code in CODES for opener in load_phrasing(code).openers]
REST = "alpha beta gamma delta epsilon zeta."


def only(transcript: Transcript, code: str) -> Sentence:
    (sentence,) = split_sentences(transcript, language_of(code))
    return sentence


def joined(*utterances: str, language: str) -> Transcript:
    """Utterances without a full stop, which make one sentence."""
    said = spoken("\n\n".join(utterances), language)
    assert len(said.utterances) == len(utterances)
    return said


@pytest.mark.parametrize(("code", "opener"), OPENERS)
def test_an_opener_without_a_comma_stays_unless_it_is_a_sound(code: str, opener: str) -> None:
    sentence = only(spoken(f"{opener.capitalize()} {REST}", code), code)
    known = load_phrasing(code)
    # A coordinator before a sentence is no part of it, whatever follows.
    goes = opener in (*known.fillers, *known.coordinating_openers)
    assert sentence.text == (REST.capitalize() if goes else f"{opener.capitalize()} {REST}")


@pytest.mark.parametrize("code", CODES)
def test_a_coordinator_stays_before_a_word_that_it_belongs_to(code: str) -> None:
    known = load_phrasing(code)
    for opener in known.coordinating_openers:
        for kept in known.coordinating_kept:
            said = f"{opener.capitalize()} {kept} {REST}"
            assert only(spoken(said, code), code).text == said


@pytest.mark.parametrize(("code", "opener"), OPENERS)
def test_an_opener_before_a_comma_is_cut(code: str, opener: str) -> None:
    sentence = only(spoken(f"{opener.capitalize()}, {REST}", code), code)
    assert sentence.text == REST.capitalize()
    assert sentence.citation.quote.startswith(opener.capitalize())


@pytest.mark.parametrize(("code", "opener"), OPENERS)
def test_an_opener_that_is_an_utterance_of_its_own_is_cut(code: str, opener: str) -> None:
    sentence = only(joined(opener.capitalize(), REST, language=code), code)
    assert sentence.text == REST.capitalize()


@pytest.mark.parametrize("code", CODES)
def test_only_the_openers_that_are_set_off_are_cut(code: str) -> None:
    known = load_phrasing(code)
    first, second = [o for o in known.openers if o not in known.coordinating_openers][:2]
    sentence = only(spoken(f"{first.capitalize()}, {second} {REST}", code), code)
    assert sentence.text == f"{second[:1].upper()}{second[1:]} {REST}"


SEEN = [
    ("en", "No two electrons share all four quantum numbers.", "no"),
    ("en", "No engine can have a higher efficiency than a Carnot engine.", "no"),
    ("en", "Right triangles have one angle of ninety degrees.", "right"),
    ("en", "Well insulated houses lose little heat in winter.", "well"),
    ("en", "First order reactions have a constant half-life.", "first"),
    ("es", "No hay difusión sin un gradiente de concentración.", "no"),
    ("ru", "Нет решения без граничных условий у этого уравнения.", "нет"),
    ("de", "Gut isolierte Häuser verlieren wenig Wärme im Winter.", "gut"),
    ("fr", "Bon nombre de réactions libèrent de la chaleur.", "bon"),
]


@pytest.mark.parametrize(("code", "sentence", "kept"), SEEN)
def test_no_item_says_the_sentence_without_its_first_word(
    code: str, sentence: str, kept: str
) -> None:
    shown = items(draft(spoken(sentence, code)).contents)
    rest = sentence.partition(" ")[2].rstrip(".").casefold()
    for text, _ in shown:
        lower = text.casefold()
        position = lower.find(rest)
        while position >= 0:
            assert lower[:position].rstrip().endswith(kept), text
            position = lower.find(rest, position + 1)


def test_the_answer_to_a_question_keeps_its_yes_or_no() -> None:
    said = spoken(
        "Do noble gases form compounds with fluorine easily? No, argon forms no stable compound "
        "with fluorine at room temperature."
    )
    asked = {q.question: q.answer for q in draft(said).contents.exam_questions.questions}
    answer = asked["Do noble gases form compounds with fluorine easily?"]
    assert answer.startswith("No, argon forms no stable compound")


@pytest.mark.parametrize(
    ("connective", "shown"), [("So a", "A"), ("But a", "A"), ("Also a", "Also a")]
)
def test_a_sentence_behind_a_connective_can_define_a_term(connective: str, shown: str) -> None:
    said = spoken(
        f"{connective} weir is a low wall that holds back the water of a river. Weirs are old. "
        "The weir raises the water behind it."
    )
    (term,) = [t for t in draft(said).contents.key_terms.terms if t.term == "weir"]
    assert term.definition.startswith(f"{shown} weir is a low wall")
