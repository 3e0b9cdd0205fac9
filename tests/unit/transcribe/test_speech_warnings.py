import pytest

from functions.transcribe.speech_warnings import speech_warnings
from shared.documents.transcript import Transcript
from shared.documents.warnings import Warnings
from shared.speech.merging import RecognizedSegment, merge
from shared.speech.recognition import Recognition, SpokenIn
from tests.unit.transcribe.speech.spoken import spoken

ENGLISH = "We begin. " * 20
GERMAN = "Wir beginnen. " * 20


def recognition(text: str, *languages: tuple[str, float, float], **counted: float) -> Recognition:
    return Recognition(
        language=languages[0][0] if languages else "en",
        language_probability=1,
        words=spoken(text),
        withheld=int(counted.pop("withheld", 0)),
        languages=tuple(
            SpokenIn(language=code, start_sec=start, end_sec=end) for code, start, end in languages
        ),
        **counted,
    )


def merged(*found: Recognition, segment_sec: float = 60) -> tuple[Transcript, Warnings]:
    segments = [
        RecognizedSegment(at * segment_sec, (at + 1) * segment_sec, each)
        for at, each in enumerate(found)
    ]
    transcript = merge(segments)
    return transcript, speech_warnings(transcript, found)


def test_utterances_carry_their_language_and_the_lecture_has_that_of_most() -> None:
    mixed = recognition(ENGLISH + GERMAN, ("en", 0, 20), ("de", 20, 40))
    german = recognition(GERMAN, ("de", 0, 20))

    transcript, warnings = merged(mixed, german)

    assert transcript.language == "de"
    assert {u.language for u in transcript.utterances if "begin." in u.text} == {"en"}
    assert {u.language for u in transcript.utterances if "beginnen." in u.text} == {None}
    [warning] = warnings
    assert (warning.code, warning.params) == (
        "several_languages",
        {"languages": ("de", "en"), "main": "de"},
    )
    assert '"language":"en"' in transcript.to_json().decode()


def test_no_sentence_is_in_two_languages() -> None:
    transcript, _ = merged(recognition("this is und das ist", ("en", 0, 1), ("de", 1, 9)))

    assert [(u.text, u.language) for u in transcript.utterances] == [
        ("this is", "en"),
        ("und das ist", None),
    ]


def test_a_lecture_in_one_language_says_nothing_and_its_utterances_have_no_field() -> None:
    transcript, warnings = merged(recognition(ENGLISH), recognition(ENGLISH))

    assert warnings == ()
    assert transcript.to_json().count(b'"language"') == 1


def test_a_quotation_is_no_second_language() -> None:
    quoted = recognition(ENGLISH + "ja gut.", ("en", 0, 20), ("de", 20, 21))

    assert merged(quoted)[1] == ()


def test_what_is_withheld_and_what_is_uncertain_is_told() -> None:
    _, warnings = merged(
        recognition(ENGLISH, withheld=2, withheld_sec=31.5, uncertain_sec=15),
        recognition(ENGLISH, withheld=1, withheld_sec=10, uncertain_sec=10),
    )

    assert [(each.code, each.params) for each in warnings] == [
        ("speech_withheld", {"passages": 3, "seconds": 41.5}),
        ("language_uncertain", {"seconds": 25}),
    ]


@pytest.mark.parametrize(("uncertain_sec", "segments"), [(19, 1), (25, 20)])
def test_little_uncertainty_is_none(uncertain_sec: float, segments: int) -> None:
    found = [recognition(ENGLISH, uncertain_sec=uncertain_sec)]
    found += [recognition(ENGLISH)] * (segments - 1)

    assert merged(*found)[1] == ()
