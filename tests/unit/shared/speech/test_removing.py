"""Spans of time are taken out of a transcript word by word."""

import pytest

from shared.documents.transcript import Transcript, Utterance, Word
from shared.speech.removing import WIDENED_SEC, CutSpan, united, widened, without_spans


def said(*texts: str, language: str = "en") -> Transcript:
    """An utterance every ten seconds, a word each second."""
    return Transcript(
        language=language,
        duration_sec=60,
        provider="whisper",
        model="base",
        utterances=tuple(_utterance(place, text) for place, text in enumerate(texts)),
    )


def _utterance(place: int, text: str) -> Utterance:
    words = tuple(
        Word(text=word, start_sec=place * 10 + at, end_sec=place * 10 + at + 1, probability=0.5)
        for at, word in enumerate(text.split())
    )
    return Utterance(
        id=place,
        start_sec=words[0].start_sec,
        end_sec=words[-1].end_sec,
        text=text,
        confidence=0.5,
        words=words,
    )


WHOLE = said("This is the first.", "Then a second one comes.", "And a third.")


def test_what_is_outside_stays_as_it_is() -> None:
    left = without_spans(WHOLE, [CutSpan(10, 15)])

    assert [each.text for each in left.transcript.utterances] == [
        "This is the first.",
        "And a third.",
    ]
    assert [each.id for each in left.transcript.utterances] == [0, 1]
    assert left.transcript.utterances[1].start_sec == 20
    assert left.removed == ("Then a second one comes.",)
    assert left.utterances == 1


def test_a_word_goes_that_only_touches_a_span_with_its_end() -> None:
    left = without_spans(WHOLE, [CutSpan(10.9, 11.1)])

    assert [each.text for each in left.transcript.utterances][1] == "second one comes."
    assert left.removed == ("Then a",)


def test_words_beside_a_span_stay() -> None:
    left = without_spans(WHOLE, [CutSpan(4, 10), CutSpan(15, 20)])

    assert left.transcript == WHOLE
    assert left.removed == ()
    assert left.utterances == 0


def test_an_utterance_without_its_middle_is_two() -> None:
    left = without_spans(WHOLE, [CutSpan(11.2, 12.8)])

    first, second = left.transcript.utterances[1:3]
    assert (first.text, first.start_sec, first.end_sec) == ("Then", 10, 11)
    assert (second.text, second.start_sec, second.end_sec) == ("one comes.", 13, 15)
    assert [word.text for word in second.words] == ["one", "comes."]
    assert left.removed == ("a second",)
    assert [each.id for each in left.transcript.utterances] == [0, 1, 2, 3]
    assert left.utterances == 1


def test_an_utterance_without_words_goes_whole() -> None:
    bare = WHOLE.utterances[0].model_copy(update={"words": ()})
    left = without_spans(WHOLE.model_copy(update={"utterances": (bare,)}), [CutSpan(3.5, 3.6)])

    assert left.transcript.utterances == ()
    assert left.removed == ("This is the first.",)


@pytest.mark.parametrize(("at", "goes"), [(10, True), (12, True), (15, True), (15.1, False)])
def test_a_word_that_a_correction_added_without_a_length(at: float, *, goes: bool) -> None:
    added = Word(text="Added", start_sec=at, end_sec=at, probability=1)
    utterance = Utterance(
        id=0, start_sec=at, end_sec=at, text="Added", confidence=1, words=(added,)
    )
    transcript = WHOLE.model_copy(update={"utterances": (utterance,)})

    assert bool(without_spans(transcript, [CutSpan(10, 15)]).removed) is goes


def test_unspaced_scripts_are_joined_as_they_are_written() -> None:
    whole = said("今日 は 晴れ です 。", language="ja")

    left = without_spans(whole, [CutSpan(1, 2)])

    assert [each.text for each in left.transcript.utterances] == ["今日", "晴れです。"]


def test_a_span_is_widened_to_whole_words() -> None:
    assert widened(CutSpan(10.5, 12.5), WHOLE) == CutSpan(10, 13)
    assert widened(CutSpan(5, 9), WHOLE) == CutSpan(5, 9)


def test_but_not_by_the_pause_that_a_recognizer_gave_to_a_word() -> None:
    stretched = Word(text="So", start_sec=1, end_sec=9, probability=1)
    utterance = WHOLE.utterances[0].model_copy(update={"words": (stretched,)})
    transcript = WHOLE.model_copy(update={"utterances": (utterance,)})

    assert widened(CutSpan(4, 5), transcript) == CutSpan(4 - WIDENED_SEC, 5 + WIDENED_SEC)


def test_spans_that_meet_are_one() -> None:
    spans = [CutSpan(5, 6), CutSpan(1, 3), CutSpan(2, 4), CutSpan(4, 4.5)]

    assert united(spans) == (CutSpan(1, 4.5), CutSpan(5, 6))
    assert united([CutSpan(1, 9), CutSpan(2, 3)]) == (CutSpan(1, 9),)
