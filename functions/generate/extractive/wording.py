"""Terms inside sentences: asked for, blanked out, replaced."""

from collections.abc import Callable, Sequence

from functions.generate.extractive.analysis import Analysis
from functions.generate.extractive.sentences import (
    CLAUSE_ENDS,
    CLOSING,
    SENTENCE_ENDS,
    Sentence,
    tidy,
)
from functions.generate.extractive.terms import Stems, Term
from functions.generate.language import Language
from functions.generate.words import split_word

BLANK = "_____"
_TAIL = CLAUSE_ENDS + SENTENCE_ENDS + CLOSING
_HEAD = "“‘«„([¿¡\"'"


def ask_what(analysis: Analysis, term: Term) -> str:
    """ "What is a hash table?", "What is the Calvin cycle?", "What are thylakoids?": with the
    article that the lecturer uses. A term that the lecturer uses without saying what it is:
    "What does the lecture say about “energy”?"."""
    language = analysis.language
    phrasing, templates = language.phrasing, language.phrasing.templates
    if not analysis.explanations[term.stems].defines:
        return templates.what_is_said_about.format(term=term.text)
    plural = bool(phrasing.indefinite_articles) and is_plural(term.text, language)
    before = [
        analysis.sentences[place.sentence].tokens[place.first - 1].norm if place.first else ""
        for place in term.places
    ]
    definite = [word for word in before if word in phrasing.definite_articles]
    indefinite = [word for word in before if word in phrasing.indefinite_articles]
    article = ""
    if indefinite and not plural:
        article = indefinite[0] + " "
    elif len(definite) * 2 > len(before):
        article = definite[0] + " "
    return (templates.what_are if plural else templates.what_is).format(term=article + term.text)


def ask_at(analysis: Analysis, sentence: Sentence) -> str:
    """ "What is said at 1:05 in the lecture?"."""
    return analysis.language.phrasing.templates.what_is_said_at.format(time=clock(sentence))


def clock(sentence: Sentence) -> str:
    """When the sentence begins, in minutes and seconds."""
    minutes, seconds = divmod(int(sentence.citation.start_sec), 60)
    return f"{minutes}:{seconds:02}"


def is_plural(text: str, language: Language) -> bool:
    """As far as an -s tells: "keys", not "analysis" or "photosynthesis"."""
    last = text.rsplit(maxsplit=1)[-1].casefold()
    return (
        last.endswith("s")
        and not last.endswith(("ss", "is", "us", "ics"))
        and (language.stem(last) != last)
    )


def replace_term(
    text: str, stems: Stems, replace: Callable[[str], str], language: Language
) -> str | None:
    """The text with every occurrence of the term replaced by what `replace` makes of it; None
    if it does not occur. Punctuation around the term stays."""
    words = text.split()
    parts = [(language.stem(n), i) for i, word in enumerate(words) for n in split_word(word)]
    result: list[str] = []
    position, done, found = 0, -1, False
    while position < len(parts):
        window = parts[position : position + len(stems)]
        if tuple(stem for stem, _ in window) == stems:
            first, last = window[0][1], window[-1][1]
            result.extend(words[done + 1 : first])
            head = words[first][: len(words[first]) - len(words[first].lstrip(_HEAD))]
            tail = words[last][len(words[last].rstrip(_TAIL)) :]
            surface = " ".join(words[first : last + 1]).strip(_HEAD + _TAIL)
            result.append(f"{head}{replace(surface)}{tail}")
            done, found = last, True
            position += len(stems)
            while position < len(parts) and parts[position][1] <= done:
                position += 1
        else:
            position += 1
    result.extend(words[done + 1 :])
    return " ".join(result) if found else None


def contains_term(text: str, stems: Stems, language: Language) -> bool:
    own = language.stems(text)
    return any(own[i : i + len(stems)] == stems for i in range(len(own) - len(stems) + 1))


def put_in(text: str, stems: Stems, other: str, language: Language) -> str | None:
    """The statement with another term in the place of this one."""
    changed = replace_term(text, stems, lambda _: other, language)
    return tidy(changed) if changed else None


def wrong_options(analysis: Analysis, term: Term, text: str, count: int) -> Sequence[Term]:
    """Other terms of the lecture that could stand in the term's place in the text but do not
    occur in it: alike in number and length, none part of another."""
    language = analysis.language
    plural = is_plural(term.text, language)

    def unlike(other: Term) -> tuple[bool, int, float, str]:
        return (
            is_plural(other.text, language) != plural,
            abs(len(other.stems) - len(term.stems)),
            abs(other.score - term.score),
            other.text,
        )

    chosen: list[Term] = []
    for other in sorted(analysis.terms, key=unlike):
        if len(chosen) == count:
            break
        rivals = [term, *chosen]
        if any(
            set(other.stems) <= set(r.stems) or set(r.stems) <= set(other.stems) for r in rivals
        ):
            continue
        if not contains_term(text, other.stems, language):
            chosen.append(other)
    return chosen
