"""Words as a recognizer reports them, from plain text."""

from shared.documents.transcript import Word

BETWEEN_WORDS = 0.1
WORD = 0.4


def spoken(text: str, *, start_sec: float = 0, probability: float = 0.9) -> tuple[Word, ...]:
    """0.4 s a word, 0.1 s between; `|1.5|` is a pause of 1.5 s."""
    words = []
    at = start_sec
    for token in text.split():
        if token.startswith("|"):
            at += float(token.strip("|")) - BETWEEN_WORDS
            continue
        words.append(Word(text=token, start_sec=at, end_sec=at + WORD, probability=probability))
        at += WORD + BETWEEN_WORDS
    return tuple(words)
