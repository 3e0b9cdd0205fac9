"""What an item states as a whole, for a check of whether its passage says so."""

from functions.generate.drafts import Claim, Item, Overview
from functions.generate.grounding.answer_support import Passage, answer_of
from shared.documents import cloze
from shared.documents.artifacts import Bullet, ExamQuestion, Flashcard, KeyTerm, OutlinePoint


def claim_of(item: Item, passage: Passage) -> Claim | None:
    """None of an item that states nothing: a question to discuss, or an objection that is asked
    for and was not made."""
    statement = _statement(item)
    if not statement:
        return None
    return Claim(statement, "\n".join(utterance.text for utterance in passage.utterances))


def _statement(item: Item) -> str:
    match item:
        case KeyTerm():
            return f"{item.term}: {item.definition}"
        case Flashcard(kind="cloze"):
            return "".join(
                part.answer if isinstance(part, cloze.Deletion) else part
                for part in cloze.parse(item.front)
            )
        case Flashcard():
            return f"Question: {item.front} Answer: {item.back}"
        case ExamQuestion(kind="true-false"):
            return item.explanation if item.answer == "False" else item.question
        case ExamQuestion():
            return f"Question: {item.question} Answer: {item.answer}"
        case Overview() | Bullet() | OutlinePoint():
            return answer_of(item)
