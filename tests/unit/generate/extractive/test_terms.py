"""What counts as a term of a lecture, and in which words it is defined."""

import pytest

from functions.generate.providers.extractive.terms.proper_names import proper_names
from functions.generate.text.language import language_of
from functions.generate.text.sentences import split_sentences
from tests.unit.generate.lectures import draft, spoken


def terms(text: str, language: str = "en") -> dict[str, str]:
    contents = draft(spoken(text, language)).contents
    return {term.term: term.definition for term in contents.key_terms.terms}


@pytest.mark.parametrize(
    ("said", "term"),
    [
        (
            "In thirteen fifty one, parliament passed the Statute of Labourers.",
            "Statute of Labourers",
        ),
        ("Peasants fled from the Black Death into the hills.", "Black Death"),
    ],
)
def test_a_name_is_a_term_as_a_whole(said: str, term: str) -> None:
    assert term in terms(said)


def test_where_every_noun_has_a_capital_none_is_a_name_for_that() -> None:
    german = language_of("de")
    said = split_sentences(spoken("Im Herbst ziehen Vögel Richtung Süden.", "de"), german)
    assert proper_names(said, german) == frozenset()


def test_what_was_is_defined_as_well() -> None:
    said = "Serfdom was the system under which peasants were bound to the land."
    assert terms(f"{said} Lords lived from serfdom. Serfdom ended slowly.")["serfdom"] == said


def test_a_relative_clause_after_the_subject_does_not_end_the_definition() -> None:
    said = "A lock, which is a kind of guard, lets only one thread into the section."
    assert terms(f"{said} Every lock costs time. The lock is slow.")["lock"] == said


def test_a_thing_named_in_passing_is_defined_by_its_sentence() -> None:
    said = "Between meals another hormone, glucagon, tells the liver to release sugar."
    assert terms(said)["glucagon"] == said


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Processors offer an instruction called compare and swap.", "compare and swap"),
        ("There are mud flows called lahars and they follow the valley.", "lahars"),
    ],
)
def test_a_name_of_two_words_and_an_and_ends_with_the_sentence(said: str, name: str) -> None:
    assert any(term == name for term in terms(said))


def test_a_verb_with_the_stem_of_a_term_is_not_the_term() -> None:
    contents = draft(
        spoken(
            "A key is a number that names one entry of a table. The keyed function reads the key. "
            "Each key opens one entry."
        )
    ).contents
    hidden = [card.front for card in contents.flashcards.cards if card.kind == "cloze"]
    assert not any("c1::keyed" in front for front in hidden)


def test_a_word_that_is_only_a_verb_is_no_term() -> None:
    assert "finishing" not in terms(
        "They were paid for finishing on time. The work was finished before noon. Nobody paid for "
        "finishing late."
    )


def test_an_elided_article_is_no_part_of_a_term() -> None:
    found = terms(
        "L'osmose est un passage de l'eau à travers une membrane. Sans l'osmose, les plantes "
        "se fanent.",
        "fr",
    )
    assert "osmose" in found


@pytest.mark.parametrize(
    ("language", "said", "term"),
    [
        ("ru", "Изотопы — это атомы одного элемента с разным числом нейтронов.", "изотопы"),
        ("ru", "Атом состоит из ядра и электронов.", "атом"),
        ("hi", "सूर्य की गर्मी से पानी भाप बन जाता है। इसे वाष्पीकरण कहते हैं।", "वाष्पीकरण"),
        ("hi", "जल चक्र वह प्रक्रिया है जिसमें पानी समुद्र से आकाश में जाता है।", "जल चक्र"),
        ("de", "Schichtvulkane bestehen aus Lagen von Asche und Lava.", "Schichtvulkane"),
    ],
)
def test_definitions_are_found_in_more_languages(language: str, said: str, term: str) -> None:
    assert term in terms(said, language)


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ("A collision is a case of two keys in one slot.", "What is a collision?"),
        ("The Calvin cycle is a chain of reactions that makes sugar.", "What is the Calvin cycle?"),
        ("Photorespiration is a waste of energy on hot days.", "What is photorespiration?"),
        (
            "In a salt the ions attract each other. We call this the ionic bond. Ionic bonds are "
            "strong, and it takes much heat to break them.",
            "What is an ionic bond?",
        ),
    ],
)
def test_a_term_is_asked_for_with_the_article_that_it_takes(said: str, question: str) -> None:
    cards = draft(spoken(said)).contents.flashcards.cards
    assert question in [card.front for card in cards]


def test_words_that_are_merely_used_fill_no_more_than_half_of_the_key_terms() -> None:
    text = " ".join(
        f"Someone brought the {thing} home. Then someone took the {thing} away."
        for thing in (
            "basket",
            "ladder",
            "carpet",
            "mirror",
            "kettle",
            "hammer",
            "pillow",
            "candle",
            "bucket",
            "button",
            "saddle",
            "napkin",
        )
    )
    assert len(terms(text)) <= 8
