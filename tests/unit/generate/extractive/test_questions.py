"""Questions without a model: one right answer, wrong ones that tempt, statements that are false."""

import pytest

from shared.documents.artifacts import ExamQuestion, Flashcard
from tests.unit.generate.lectures import draft, spoken

RIVERS = (
    "A meander is a wide bend that a slow river cuts into soft ground. An oxbow lake is a curved "
    "lake that a meander leaves behind. A delta is a flat plain that a river builds at its mouth. "
    "A glacier is a mass of ice that moves downhill under its own weight. "
)


def asked(text: str, kind: str, language: str = "en") -> list[ExamQuestion]:
    questions = draft(spoken(text, language)).contents.exam_questions.questions
    return [question for question in questions if question.kind == kind]


def choice(text: str, answer: str) -> ExamQuestion:
    return next(q for q in asked(text, "multiple-choice") if q.answer == answer)


def test_wrong_answers_are_other_terms_of_the_lecture() -> None:
    assert set(choice(RIVERS, "delta").options) == {"delta", "meander", "oxbow lake", "glacier"}


def test_another_name_of_the_answer_is_no_wrong_answer() -> None:
    text = f"{RIVERS} A glacier, which is also known as an ice stream, carves a valley."
    assert "ice stream" not in choice(text, "glacier").options


def test_a_term_of_which_the_lecture_says_the_same_is_no_wrong_answer() -> None:
    text = f"{RIVERS} A delta floods the flat plain every spring. A meander floods the flat plain."
    without = [q for q in asked(RIVERS, "multiple-choice") if "meander" in q.options]
    assert without
    floods = [q for q in asked(text, "multiple-choice") if "floods" in q.question]
    assert not any({"delta", "meander"} <= set(question.options) for question in floods)


def test_a_word_with_the_same_beginning_is_no_wrong_answer() -> None:
    text = f"{RIVERS} A deltaic is a person who lives on the wet land at the mouth of a river."
    assert "deltaic" not in choice(text, "delta").options


def test_options_stand_in_the_form_that_the_sentence_needs() -> None:
    text = (
        "Glaciers are the bodies of ice that move downhill. Deltas are the plains that rivers "
        "build at their mouths. Lagoons are the shallow waters behind a bar of sand. A delta is "
        "flat. A lagoon is calm. A glacier is cold."
    )
    assert {"deltas", "lagoons"} < {o.lower() for o in choice(text, "glaciers").options}


def test_where_too_few_terms_can_be_wrong_nothing_is_offered() -> None:
    assert asked("A meander is a wide bend that a slow river cuts.", "multiple-choice") == []


def false_ones(text: str, language: str = "en") -> list[ExamQuestion]:
    return [q for q in asked(text, "true-false", language) if q.answer == "False"]


@pytest.mark.parametrize(
    ("language", "said", "statement"),
    [
        ("en", "Water in a river always flows downhill.", "never flows downhill"),
        ("de", "Das Wasser im Fluss fließt immer bergab ins Meer.", "fließt nie bergab"),
        ("fr", "L'eau du fleuve coule toujours vers la mer.", "coule jamais vers"),
        ("es", "El agua del río corre siempre hacia el mar.", "corre nunca hacia"),
        ("ru", "Вода в реке всегда течёт вниз к морю.", "Вода в реке никогда течёт"),
    ],
)
def test_a_false_statement_says_the_opposite(language: str, said: str, statement: str) -> None:
    (question, *_) = false_ones(f"{said} {said.replace('.', ' so.')}", language)
    assert statement in question.question


def test_a_statement_with_both_of_two_opposites_is_not_turned() -> None:
    text = "The price always rises or never rises at all in this market."
    assert not any("always" in q.question for q in false_ones(text * 2))


def test_what_the_lecture_says_itself_is_not_asked_as_false() -> None:
    text = (
        "The demand curve slopes downward in every market. The supply curve slopes upward in "
        "every market. The demand curve slopes upward in every market."
    )
    assert not any("demand curve slopes" in q.question for q in false_ones(text))


def test_where_nothing_has_an_opposite_a_definition_is_given_to_another_term() -> None:
    question = false_ones(RIVERS)[0]
    right, wrong = question.explanation.split("“")[1:3]
    assert wrong.startswith(question.question.removeprefix("True or false? ").split()[1].lower())
    assert right.split("”")[0] not in question.question


def test_a_term_within_a_longer_name_is_not_exchanged() -> None:
    text = (
        f"{RIVERS} Bubonic plague attacks the lymph nodes of the body. Pneumonic plague attacks "
        "the lungs of the body. Plague is a disease that fleas carry."
    )
    for question in false_ones(text):
        assert not any(f"{word} lake attacks" in question.question for word in ("Bubonic", "Pneum"))
        assert not question.question.startswith("True or false? Pneumonic delta")


def cards(text: str) -> tuple[Flashcard, ...]:
    return draft(spoken(text)).contents.flashcards.cards


def test_a_definition_is_asked_for_and_not_asked_again_as_a_gap() -> None:
    deck = cards(RIVERS)
    assert "What is a delta?" in [card.front for card in deck]
    assert not any("{{c1::delta}} is a flat plain" in card.front for card in deck)


def test_a_word_that_is_merely_used_is_no_question_of_its_own() -> None:
    text = (
        f"{RIVERS} For a long time people blamed bad air for the floods. They said that the air "
        "over the swamp made them ill. Doctors took the air of the coast to be healthy."
    )
    assert not any("“air”" in card.front for card in cards(text))
    assert any(card.kind == "cloze" and "air" in card.front for card in cards(text))


def test_a_gap_does_not_leave_another_form_of_its_word_in_sight() -> None:
    text = (
        "A promise is a statement that binds a person. The work was finished before you promised "
        "anything, so it was not done for your promise. A promise needs a price. The promise must "
        "be clear."
    )
    assert not any("c1::promise" in c.front and "promised" in c.front for c in cards(text))
