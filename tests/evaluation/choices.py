"""Whether a multiple-choice question has exactly one right answer, as far as the lecture tells.

An opinion of its own, like `evidence`: it shares no code with the generator.
"""

import re
from typing import Any

JSON = dict[str, Any]

GAP = "_____"
TELLING_LETTERS = 4
"""Shorter words say nothing about what a sentence is about."""
SAME_SENTENCE = 0.8
"""Share of the telling words around a gap that a sentence of the lecture must hold, for it to be
evidence of what else fits."""
_ALIASES = re.compile(
    r"(\w+(?: \w+)?),?(?: which| who)? (?:is|are) (?:also |often )?(?:called|known as|named) "
    r"(?:an? |the )?(\w+(?: \w+)?)"
)


def doubts(question: JSON, transcript: JSON) -> list[str]:
    """Why the question may have no right answer, or a second one; none if it is sound."""
    options, answer = question["options"], question["answer"]
    found = []
    plain = [_plain(option) for option in options]
    if options.count(answer) != 1 or len(options) < 2:
        found.append("its answer does not stand among the options once")
    for n, option in enumerate(plain):
        if any(_akin(option, other) for other in plain[n + 1 :]):
            found.append(f"another option is a form of {options[n]!r}")
    sentences = [utterance["text"] for utterance in transcript["utterances"]]
    for option in options:
        if option != answer and _fits(option, answer, question["question"], sentences):
            found.append(f"{option!r} is right as well")
        if option != answer and _is_alias(option, answer, sentences):
            found.append(f"{option!r} is another name of the answer")
        if f" {_plain(option)} " in f" {_plain(question['question'])} ":
            found.append(f"the question gives {option!r} away")
    return found


def _fits(option: str, answer: str, asked: str, sentences: list[str]) -> bool:
    """Some sentence says of the option what the question says of the gap."""
    quoted = re.findall(r"[“«„»](.+)[”»“«]", asked) or [asked]
    around = _telling(quoted[0].replace(GAP, " ")) - _telling(answer) - _telling(option)
    for sentence in sentences:
        said = _telling(sentence)
        named = f" {_plain(option)} " in f" {_plain(sentence)} "
        spared = f" {_plain(answer)} " not in f" {_plain(sentence)} "
        if named and spared and around and len(around & said) >= SAME_SENTENCE * len(around):
            return True
    return False


def _is_alias(option: str, answer: str, sentences: list[str]) -> bool:
    pair = {_plain(option), _plain(answer)}
    return any(
        {_last(match[1], pair), _last(match[2], pair)} == pair
        for sentence in sentences
        for match in _ALIASES.finditer(_plain(sentence))
    )


def _last(words: str, names: set[str]) -> str:
    """The name that the words end or begin with; the words if there is none."""
    return next(
        (name for name in names if name and re.search(rf"^{name}\b|\b{name}$", words)), words
    )


def _akin(one: str, other: str) -> bool:
    """The same words, up to what is added at the end ("cell", "cells")."""
    ours, theirs = one.split(), other.split()
    return len(ours) == len(theirs) and all(
        (a.startswith(b) or b.startswith(a)) and abs(len(a) - len(b)) <= 2
        for a, b in zip(ours, theirs, strict=True)
    )


def _telling(text: str) -> set[str]:
    return {word for word in _plain(text).split() if len(word) >= TELLING_LETTERS}


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
