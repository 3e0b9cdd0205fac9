"""The transcript as sentences, each with whether it can be understood alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

from functions.generate.text.cutting import CLAUSE_ENDS, CLOSING, SENTENCE_ENDS, cut
from functions.generate.text.fluency import fluent
from functions.generate.text.language import Language, is_initial
from functions.generate.text.phrasing import Phrasing
from functions.generate.text.standalone import is_fragment, is_personal, refers_back
from functions.generate.text.words import Token, split_word
from shared.documents.artifacts import Citation
from shared.documents.transcript import Transcript, Word

TALK_WITHIN = 8
"""Talk about the course shows among the first words of a sentence."""
SHORT_SENTENCE = 10
HEADING_WORDS = 6
SUPPOSING_WORDS = 12


@dataclass(frozen=True)
class Sentence:
    index: int
    words: tuple[Word, ...]
    """As they are shown: without fillers, false starts and corrected slips."""
    tokens: tuple[Token, ...]
    pause_before_sec: float
    first_word: int
    """Where the sentence begins once its openers are left out."""
    subject_word: int
    """Where it begins for who looks for its subject: connectives that are shown are passed over."""
    is_question: bool
    refers_back: bool
    """Begins with a pronoun or the like: not to be understood alone."""
    is_talk: bool
    """About the course, not about its subject."""
    names_back: bool = False
    """Gives what came before its name ("We call this primary clustering.")."""
    opens: bool = False
    """Announces what the next sentence is about ("The first one is chaining.")."""
    is_announcement: bool = False
    """Talk that organizes the course: dates, rooms, what is due."""
    is_personal: bool = False
    """The lecturer speaks of himself or herself: a story, or an example in the first person."""
    is_fragment: bool = False
    """A short piece without a verb, which answers a question or heads what follows."""
    said: tuple[Word, ...] = ()
    """All words of it, those included that are not shown."""
    said_at: tuple[int, ...] = ()
    """For each word that is shown its index in `said`."""

    @property
    def text(self) -> str:
        """The sentence as it may stand alone: no openers, capital, full stop."""
        return tidy(" ".join(word.text for word in self.words[self.first_word :]))

    @property
    def core(self) -> str:
        """The text from the subject on, for recognizing patterns; not to be shown."""
        return tidy(" ".join(word.text for word in self.words[self.subject_word :]))

    @property
    def whole(self) -> str:
        """The text with its openers, which answer the question before it ("No, …")."""
        return tidy(" ".join(word.text for word in self.words))

    @property
    def length(self) -> int:
        return len(self.words) - self.first_word

    @cached_property
    def citation(self) -> Citation:
        """All that was said, word for word."""
        return _cite(self.said)

    def cited(self, first: int, end: int) -> Citation:
        """What was said from one of the shown words to before another, word for word."""
        return _cite(self.said[self.said_at[first] : self.said_at[end - 1] + 1])

    @cached_property
    def content(self) -> tuple[str, ...]:
        """Stems of its content words, in order."""
        return tuple(token.stem for token in self.tokens if not token.is_stop)

    @property
    def says_something(self) -> bool:
        """True unless all its words are everyday ones ("Great.")."""
        return any(not token.is_common for token in self.tokens)

    @cached_property
    def phrase(self) -> str:
        """Its bare words between spaces, for looking up phrases."""
        return _phrase(self.tokens)

    def has_any(self, phrases: Sequence[str]) -> bool:
        return _contains(self.phrase, phrases)


def _cite(said: Sequence[Word]) -> Citation:
    return Citation(
        start_sec=said[0].start_sec,
        end_sec=said[-1].end_sec,
        quote=" ".join(word.text for word in said),
    )


def tidy(text: str) -> str:
    """Capital first letter and a closing mark."""
    text = text.strip().rstrip(CLAUSE_ENDS + " ")
    if text and text.rstrip(CLOSING)[-1:] not in SENTENCE_ENDS:
        text += "."
    return text[:1].upper() + text[1:]


def split_sentences(transcript: Transcript, language: Language) -> tuple[Sentence, ...]:
    """Every sentence of the transcript, in order; none if nothing was said."""
    sentences: list[Sentence] = []
    previous_end = 0.0
    for words, ends in cut(transcript.utterances):
        pause = words[0].start_sec - previous_end
        sentence = _sentence(len(sentences), words, ends, pause, language)
        if sentence.tokens:
            sentences.append(sentence)
            previous_end = words[-1].end_sec
    following = [*sentences[1:], None]
    return tuple(
        replace(sentence, is_talk=True) if _is_heading(sentence, after, language) else sentence
        for sentence, after in zip(sentences, following, strict=False)
    )


def _is_heading(sentence: Sentence, following: Sentence | None, language: Language) -> bool:
    """ "Now the heat capacity. The heat capacity is …": a name without a verb, whose words begin
    the next sentence."""
    if following is None or sentence.is_question or sentence.length > HEADING_WORDS:
        return False
    named = [token for token in sentence.tokens if token.word >= sentence.subject_word]
    said = tuple(token.stem for token in named if not token.is_stop)
    is_name = all(not t.is_stop or t.norm in language.phrasing.articles for t in named)
    return is_name and bool(said) and said == following.content[: len(said)]


def _sentence(
    index: int,
    said: tuple[Word, ...],
    ends_said: frozenset[int],
    pause_before_sec: float,
    language: Language,
) -> Sentence:
    shown = fluent(said, language)
    words = tuple(word for _, word in shown)
    utterance_ends = frozenset(n for n, (at, _) in enumerate(shown) if at in ends_said)
    parts = [
        _token(norm, position, words, language)
        for position, word in enumerate(words)
        for norm in split_word(word.text)
    ]
    phrasing = language.phrasing
    first_token = _skip(
        parts, 0, phrasing.openers, partial(_stands_apart, phrasing, utterance_ends)
    )
    subject = _skip(parts, first_token, phrasing.connectives, partial(_introduces, phrasing))
    is_announcement = _organizes(_phrase(parts), phrasing)
    return Sentence(
        index=index,
        words=words,
        tokens=tuple(parts),
        pause_before_sec=pause_before_sec,
        first_word=parts[first_token].word if parts else 0,
        subject_word=parts[subject].word if parts else 0,
        is_question=words[-1].text.rstrip(CLOSING).endswith(("?", "？", "؟")),
        refers_back=refers_back(parts, subject, words, language),
        is_personal=is_personal(parts, phrasing),
        is_fragment=is_fragment(parts[subject:], words, phrasing),
        # Further in, such words are an aside ("not linear, as I told you").
        is_talk=(
            is_announcement
            or _contains(_phrase(_opening(parts)), phrasing.talk)
            or _contains(_phrase(_opening(parts)), phrasing.classroom)
        ),
        opens=_supposes(parts[first_token:], phrasing),
        is_announcement=is_announcement,
        said=said,
        said_at=tuple(at for at, _ in shown),
    )


def _supposes(parts: Sequence[Token], phrasing: Phrasing) -> bool:
    """ "Suppose there is a frost.", without what follows from it."""
    begins = any(_phrase(parts).startswith(f" {phrase} ") for phrase in phrasing.suppositions)
    return begins and len(parts) <= SUPPOSING_WORDS


def _opening(parts: Sequence[Token]) -> Sequence[Token]:
    """Where talk shows: in a short sentence anywhere, for in some languages the verb ends it."""
    return parts if len(parts) <= SHORT_SENTENCE else parts[:TALK_WITHIN]


def _organizes(phrase: str, phrasing: Phrasing) -> bool:
    """What is due, where and when. A law may have a deadline and a town a Monday market: the
    course needs both, or words that are said of it alone."""
    return _contains(phrase, phrasing.announcements) or (
        _contains(phrase, phrasing.organized) and _contains(phrase, phrasing.dated)
    )


def _token(norm: str, position: int, words: Sequence[Word], language: Language) -> Token:
    written = words[position].text
    # "T cell", "vitamin A": within a sentence a capital letter is a name, a small one a slip.
    initial = position > 0 and is_initial(norm, written) and not language.is_stop(norm)
    slip = len(norm) == 1 and not norm.isdigit() and not initial
    return Token(
        norm=norm,
        stem=language.stem(norm),
        is_stop=slip or language.is_stop(norm),
        is_common=not initial and (slip or language.is_common(norm)),
        word=position,
        ends_clause=written.rstrip(CLOSING)[-1:] in CLAUSE_ENDS,
    )


def _phrase(parts: Sequence[Token]) -> str:
    return f" {' '.join(part.norm for part in parts)} "


def _contains(phrase: str, phrases: Sequence[str]) -> bool:
    return any(f" {other} " in phrase for other in phrases)


def _skip(
    parts: Sequence[Token],
    first: int,
    phrases: Sequence[str],
    may_go: Callable[[Token, Token], bool],
) -> int:
    """Index of the first token after those phrases of which `may_go`, asked with a phrase's last
    token and the one after it, says so; at least three tokens stay."""
    longest_first = sorted((tuple(phrase.split()) for phrase in phrases), key=len)[::-1]
    while True:
        for phrase in longest_first:
            end = first + len(phrase)
            if end + 3 > len(parts) or tuple(t.norm for t in parts[first:end]) != phrase:
                continue
            last, following = parts[end - 1], parts[end]
            if following.word > last.word and may_go(last, following):
                first = end
                break
        else:
            return first


def _stands_apart(
    phrasing: Phrasing, utterance_ends: frozenset[int], last: Token, following: Token
) -> bool:
    """Only a comma, or an utterance of its own, shows that a word opens the sentence and is no
    part of it: "No, two electrons …", but "No two electrons …", "Right triangles …". Of some words
    ("So the demand …", "So what …") an article or the word that asks shows it as well."""
    if last.ends_clause or last.word in utterance_ends:
        return True
    if last.norm in phrasing.coordinating_openers:
        return following.norm not in phrasing.coordinating_kept
    begins = following.norm in phrasing.articles or following.norm in phrasing.interrogatives
    supposed = {phrase.split()[0] for phrase in phrasing.suppositions}
    begins = begins or following.norm in (*phrasing.conditionals, *supposed)
    return begins and last.norm in phrasing.bare_openers


def _introduces(phrasing: Phrasing, last: Token, following: Token) -> bool:
    """ "Now that we know": here the word belongs to the clause."""
    return last.ends_clause or following.norm not in phrasing.back_references
