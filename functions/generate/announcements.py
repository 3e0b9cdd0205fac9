"""What organizes the course: dates, rooms, what is due and what to bring. For every provider.

Such sentences are found by their words and go into a list of their own; no card or question is made
of them (Sentence.is_talk), and the prompt of a language model excludes them.
"""

from functions.generate.text.language import Language
from functions.generate.text.sentences import split_sentences
from shared.documents.artifacts import Announcement
from shared.documents.transcript import Transcript


def announcements(transcript: Transcript, language: Language) -> tuple[Announcement, ...]:
    """In the order of the lecture, each sentence once."""
    found: dict[str, Announcement] = {}
    for sentence in split_sentences(transcript.in_its_language(), language):
        if sentence.is_announcement and not sentence.is_question:
            announced = Announcement(text=sentence.text, citations=(sentence.citation,))
            found.setdefault(sentence.text, announced)
    return tuple(found.values())
