"""Fillers, false starts and slips are not shown; what was meant keeps all of its words."""

import random

import pytest

from functions.generate.text.language import language_of
from functions.generate.text.lexicon import load_words
from functions.generate.text.sentences import split_sentences
from functions.generate.text.words import tokens
from tests.evaluation.lectures import OTHER_LANGUAGES, SHARED, WRITTEN, written
from tests.unit.generate.lectures import spoken


def shown(text: str, language: str = "en") -> str:
    sentences = split_sentences(spoken(text, language), language_of(language))
    return " ".join(sentence.whole for sentence in sentences)


@pytest.mark.parametrize(
    ("said", "is_shown"),
    [
        # Fillers.
        ("Um, the lens, uh, bends the light.", "The lens bends the light."),
        ("The lens is, you know, a piece of glass.", "The lens is a piece of glass."),
        ("The lens is about, uh, four inches thick.", "The lens is about four inches thick."),
        ("The light bends, um.", "The light bends."),
        ("And I mean, the light bends at the edge.", "And the light bends at the edge."),
        # Not fillers.
        ("You know the lens of an eye.", "You know the lens of an eye."),
        ("Lenses like, say, a drop bend light.", "Lenses like, say, a drop bend light."),
        ("I like lenses.", "I like lenses."),
        # False starts.
        ("It, it bends the, the light.", "It bends the light."),
        ("The lens, the lens just bends.", "The lens just bends."),
        ("He measured how far the, how far the beam moved.", "He measured how far the beam moved."),
        ("It needs, um, it needs work.", "It needs work."),
        ("We see the the focus of a a lens.", "We see the focus of a lens."),
        # Not false starts.
        ("What it is is a lens.", "What it is is a lens."),
        ("He had had a lens that that man made.", "He had had a lens that that man made."),
        ("The digits are two, two, five.", "The digits are two, two, five."),
        # Corrections.
        ("It is about three hundred and forty, sorry, three hundred and thirty four grams.",
         "It is about three hundred and thirty four grams."),
        ("It is at minus fifty, sorry, fifty-five degrees.", "It is at minus fifty-five degrees."),
        ("In nineteen fifty-five, no, sorry, nineteen fifty three, he left.",
         "In nineteen fifty three, he left."),
        ("It reaches at most fifty, no, forty percent.", "It reaches at most forty percent."),
        ("It is four thousand, um, four thousand two hundred joules.",
         "It is four thousand two hundred joules."),
        ("It was sixty, uh, sixty one percent.", "It was sixty one percent."),
        ("The rays meet at the lens, I mean, at the focus.", "The rays meet at the focus."),
        ("It is convex, sorry, it is not convex.", "It is not convex."),
        # Not corrections.
        ("No, sorry, we have no lens.", "No, sorry, we have no lens."),
        ("There is no lens, no mirror, no glass.", "There is no lens, no mirror, no glass."),
        ("I am sorry, the lens is broken.", "I am sorry, the lens is broken."),
    ],
)  # fmt: skip
def test_what_is_shown(said: str, is_shown: str) -> None:
    assert shown(said) == is_shown


@pytest.mark.parametrize(
    ("language", "said", "is_shown"),
    [
        ("de", "Die Linse, ähm, bricht das Licht.", "Die Linse bricht das Licht."),
        ("de", "Es sind vierzig, nein, fünfzig Grad.", "Es sind fünfzig Grad."),
        ("fr", "La lentille, euh, dévie la lumière.", "La lentille dévie la lumière."),
        ("es", "La lente, eh, desvía la luz.", "La lente desvía la luz."),
        ("ru", "Линза, линза преломляет свет.", "Линза, линза преломляет свет."),
    ],
)
def test_of_other_languages_what_is_on_their_lists(language: str, said: str, is_shown: str) -> None:
    assert shown(said, language) == is_shown


def test_the_quote_keeps_every_word() -> None:
    said = "It, it is about, uh, forty, sorry, fifty percent."
    (sentence,) = split_sentences(spoken(said), language_of("en"))
    assert sentence.text == "It is about fifty percent."
    assert sentence.citation.quote == said
    assert said.endswith(sentence.cited(0, len(sentence.words)).quote)
    assert sentence.cited(2, 4).quote == "about, uh, forty, sorry, fifty"


@pytest.mark.parametrize("name", [*SHARED, *WRITTEN, *OTHER_LANGUAGES])
def test_of_written_lectures_nothing_is_left_out(name: str) -> None:
    transcript = written(name)
    language = language_of(transcript.language)
    for sentence in split_sentences(transcript, language):
        assert sentence.words == sentence.said


def test_disfluencies_that_are_put_in_come_out_again_and_negations_stay() -> None:
    dice = random.Random(3)  # noqa: S311 - chooses cases
    language, words = language_of("en"), load_words("en")
    for name in WRITTEN:
        for sentence in split_sentences(written(name), language)[:25]:
            plain = [word.text for word in sentence.said]
            said: list[str] = []
            for place, word in enumerate(plain):
                bare = word.strip(",.;:?!")
                if dice.random() < 0.2 and place and said[-1][-1:].isalnum():
                    said[-1] += ","
                    said.append(dice.choice(["um,", "uh,", "you know,"]))
                elif dice.random() < 0.15 and bare == word and not bare[0].isdigit():
                    said.append(f"{word},")
                said.append(word)
            text = shown(" ".join(said))
            of_words = [t for t in tokens(text) if t not in words.lexicon.numbers]
            expected = [t for t in tokens(" ".join(plain)) if t not in words.lexicon.numbers]
            assert of_words == expected
