"""A lecture whose deck was exported by the release before cards had persisted identities.

`tests/data/anki/before-identities.apkg` and `.csv` are what that release made of it.
"""

from functions.export.document import LectureDocument
from shared.documents.artifacts import Citation, Flashcard
from tests.unit.export.documents import lecture, with_cards


def old_cards() -> tuple[Flashcard, ...]:
    return (
        _card("meaning:collis", "What is a collision?", "Two keys in one slot.", 12),
        _card("basic:load factor", "What is the load factor?", "Keys by slots.", 40),
        _card("basic:load factor", "When is the load factor too high?", "Above 0.7.", 55),
        _card("cloze:chain:0a1b2c3d", "{{c1::Chaining}} keeps a list in each slot.", "", 70),
        _card("question:ضوء", "ما هو ATP؟", "عملة الطاقة: 30.5 كيلوجول/مول (تقريبا)!", 90),
    )


def old_lecture() -> LectureDocument:
    return with_cards(lecture(), *old_cards())


def _card(key: str, front: str, back: str, start_sec: float) -> Flashcard:
    return Flashcard(
        key=key,
        kind="cloze" if key.startswith("cloze") else "basic",
        front=front,
        back=back,
        difficulty="easy",
        citations=(Citation(start_sec=start_sec, end_sec=start_sec + 4, quote=back or front),),
    )
