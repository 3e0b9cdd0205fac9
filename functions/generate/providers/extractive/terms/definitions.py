"""Terms that the lecturer introduces, and the words that explain them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from functions.generate.providers.extractive.text.places import Stems
from functions.generate.text.language import Language
from functions.generate.text.sentences import Sentence
from functions.generate.text.words import tokens

MAX_NAME_WORDS = 5


@dataclass(frozen=True)
class Naming:
    """One sentence that introduces a term."""

    stems: Stems
    sentence: int
    explained_by: Literal["sentence", "previous", "next"]
    defines: bool
    """The sentence goes on to say what the term is, and does not merely name it."""
    meaning: str | None
    """The defining words alone, where the pattern sets them apart."""


def find_namings(sentences: Sequence[Sentence], language: Language) -> tuple[Naming, ...]:
    """Every introduction of a term, in spoken order; of one sentence and term only the
    first pattern that fits."""
    frequency = _phrase_counts(sentences)
    found: dict[tuple[int, Stems], Naming] = {}
    for sentence in sentences:
        if sentence.is_question or (sentence.is_talk and sentence.refers_back):
            continue
        for naming in _namings(sentence, language, frequency):
            found.setdefault((naming.sentence, naming.stems), naming)
    return tuple(found.values())


def mark_roles(sentences: Sequence[Sentence], namings: Sequence[Naming]) -> tuple[Sentence, ...]:
    """The same sentences, knowing which of them name what came before or what comes next."""
    backward = {n.sentence for n in namings if n.explained_by == "previous"}
    forward = {n.sentence for n in namings if n.explained_by == "next"}
    return tuple(
        replace(sentence, opens=True, refers_back=False)
        if sentence.index in forward
        else replace(sentence, names_back=True, refers_back=True)
        if sentence.index in backward
        else sentence
        for sentence in sentences
    )


def _namings(
    sentence: Sentence, language: Language, frequency: dict[Stems, int]
) -> Iterator[Naming]:
    text = sentence.core
    for rule in language.phrasing.definitions:
        for match in _compiled(rule.pattern).finditer(text):
            meaning = match.groupdict().get("meaning")
            if meaning and {*tokens(meaning)[:1]} & {*language.phrasing.clause_openers}:
                # "…, which means that more is lost": no name of it, but what follows from it.
                continue
            if meaning and "," in meaning and _is_subject(match, language):
                # "A lock, which is …, lets one thread enter": the sentence continues.
                meaning = None
            if _is_vague(match, language):
                continue
            defines = match.end("term") < len(match.group().rstrip(".!")) + match.start()
            if meaning:
                stems = _last_run(match["term"], language)
            elif defines:
                stems = _whole(match["term"], language)
            else:
                stems = _leading_run(match["term"], language, frequency)
                stems = _pair(match, language) or stems
            if stems and len(stems) <= MAX_NAME_WORDS:
                yield Naming(stems, sentence.index, rule.explained_by, defines, meaning)


def _is_vague(match: re.Match[str], language: Language) -> bool:
    """ "Memory is a different story", "X, which is the same thing": that defines nothing."""
    found = match.groupdict()
    said = " ".join(tokens(found.get("meaning") or match.string[match.end("term") :]))
    copulas = language.phrasing.predicate_markers
    first = said.split(maxsplit=1)[0] if said else ""
    said = said[len(first) :].strip() if not found.get("meaning") and first in copulas else said
    return any(f"{said} ".startswith(f"{phrase} ") for phrase in language.phrasing.vague)


def _is_subject(match: re.Match[str], language: Language) -> bool:
    return match.start("term") == 0 and bool(_whole(match["term"], language))


def _runs(text: str, language: Language) -> list[tuple[str, ...]]:
    """The runs of content words, in order, as stems; an empty one where two stop words meet."""
    runs: list[list[str]] = [[]]
    for token in tokens(text):
        if language.is_stop(token):
            runs.append([])
        else:
            runs[-1].append(language.stem(token))
    return [tuple(run) for run in runs]


def _last_run(text: str, language: Language) -> Stems:
    """ "… about photosynthesis", before ", which is": the last run."""
    return _runs(text, language)[-1]


def _whole(text: str, language: Language) -> Stems:
    """ "A hash table", before "is": all of it but the article, or nothing."""
    words = _without_article(text, language)
    stems = tuple(language.stem(word) for word in words)
    inner = words[1:-1]
    joined = {word for word in inner if word in language.phrasing.name_joiners}
    return () if any(language.is_stop(word) and word not in joined for word in words) else stems


def _leading_run(text: str, language: Language, frequency: dict[Stems, int]) -> Stems:
    """What follows "called". Where no punctuation ends it, the term may run into the verb
    ("called rubisco attaches …"): then the longest beginning that is said elsewhere too."""
    words = _without_article(text, language)
    run = _runs(" ".join(words), language)[0]
    # "Called a hash function and …": nothing but the name stands before the coordinator.
    if len(run) == len(words) or words[len(run)] in language.phrasing.coordinators:
        return run
    for length in range(len(run), 0, -1):
        if frequency.get(run[:length], 0) > 1:
            return run[:length]
    return run


def _pair(match: re.Match[str], language: Language) -> Stems:
    """ "Compare and swap", where the sentence ends with it."""
    words = _without_article(match["term"], language)
    ends = not match.string[match.end("term") :].strip(" .!")
    paired = len(words) == 3 and words[1] in language.phrasing.coordinators
    return tuple(language.stem(word) for word in words) if ends and paired else ()


def _without_article(text: str, language: Language) -> tuple[str, ...]:
    words = tokens(text)
    return words[1:] if words and words[0] in language.phrasing.articles else words


def _phrase_counts(sentences: Sequence[Sentence]) -> dict[Stems, int]:
    counts: dict[Stems, int] = {}
    for sentence in sentences:
        stems = [token.stem for token in sentence.tokens]
        for first in range(len(stems)):
            for last in range(first + 1, min(first + MAX_NAME_WORDS, len(stems)) + 1):
                phrase = tuple(stems[first:last])
                counts[phrase] = counts.get(phrase, 0) + 1
    return counts


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
