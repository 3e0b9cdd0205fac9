"""How exam questions are put on paper."""

from shared.documents.artifacts import ExamQuestion

QUESTION_KINDS = {
    "multiple-choice": "multiple choice",
    "short-answer": "short answer",
    "essay": "essay",
    "true-false": "true or false",
}


def option_letter(index: int) -> str:
    """A, B, … Z, AA, AB, …"""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def answer_letter(question: ExamQuestion) -> str:
    """The letter of the right option; "" where there are none to choose from."""
    if question.answer not in question.options:
        return ""
    return option_letter(question.options.index(question.answer))
