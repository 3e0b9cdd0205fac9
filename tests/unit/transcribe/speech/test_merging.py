import pytest

from shared.documents.transcript import Transcript
from shared.speech.merging import RecognizedSegment, merge
from shared.speech.recognition import Recognition
from tests.unit.transcribe.speech.spoken import spoken


def segment(
    start: float,
    end: float,
    text: str,
    *,
    language: str = "en",
    at: float = 0.5,
    model: str = "base",
) -> RecognizedSegment:
    """`at` is where in the segment the words begin."""
    return RecognizedSegment(
        start_sec=start,
        end_sec=end,
        recognition=Recognition(
            language=language,
            language_probability=1.0,
            words=spoken(text, start_sec=at),
            withheld=0,
            provider="whisper",
            model=model,
        ),
    )


def merged(*segments: RecognizedSegment) -> Transcript:
    return merge(segments)


def test_words_get_the_times_of_the_lecture() -> None:
    transcript = merged(segment(0, 10, "First."), segment(10, 20, "Second."))

    assert [one.start_sec for one in transcript.utterances] == [0.5, 10.5]
    assert transcript.duration_sec == 20
    assert (transcript.provider, transcript.model) == ("whisper", "base")


def test_the_order_in_which_segments_were_finished_does_not_matter() -> None:
    one, two = segment(0, 10, "First."), segment(10, 20, "Second.")

    assert merged(two, one) == merged(one, two)
    assert [u.id for u in merged(two, one).utterances] == [0, 1]


@pytest.mark.parametrize(("others", "named"), [(1, "large-v3"), (3, "base")])
def test_the_model_is_the_one_that_recognized_most_of_the_lecture(others: int, named: str) -> None:
    long = segment(0, 20, "First.", model="large-v3")
    short = [segment(at, at + 10, "Then.") for at in range(20, 20 + 10 * others, 10)]

    assert merged(long, *short).model == named


def test_a_sentence_cut_by_a_seam_is_one_utterance() -> None:
    transcript = merged(
        segment(0, 10, "The cell divides", at=8.4),
        segment(10, 20, "into two cells. They grow.", at=0.2),
    )

    assert [one.text for one in transcript.utterances] == [
        "The cell divides into two cells.",
        "They grow.",
    ]


def test_over_a_long_pause_at_the_seam_nothing_is_joined() -> None:
    transcript = merged(segment(0, 10, "The cell divides"), segment(10, 20, "and then grows."))

    assert len(transcript.utterances) == 2


def test_utterances_never_overlap_even_if_the_recognizer_is_off_at_the_edges() -> None:
    transcript = merged(
        segment(0, 10, "One two three. Four five six.", at=9.5),
        segment(10, 20, "Seven eight nine.", at=0),
    )

    edges = [edge for one in transcript.utterances for edge in (one.start_sec, one.end_sec)]
    words = [
        edge for u in transcript.utterances for w in u.words for edge in (w.start_sec, w.end_sec)
    ]
    assert edges == sorted(edges)
    assert words == sorted(words)
    assert transcript.text == "One two three. Four five six. Seven eight nine."


def test_the_language_is_the_one_most_is_said_in() -> None:
    transcript = merged(
        segment(0, 10, "Ja.", language="de"),
        segment(10, 20, "But then we spoke English.", language="en"),
        segment(20, 30, "", language="und"),
        segment(30, 40, "", language="und"),
    )

    assert transcript.language == "en"


def test_a_silent_lecture_has_no_utterances() -> None:
    transcript = merged(segment(0, 10, "", language="und"), segment(10, 20, "", language="und"))

    assert transcript.utterances == ()
    assert transcript.language == "und"
    assert transcript.duration_sec == 20


def test_confidence_is_the_mean_of_the_words() -> None:
    sure = Recognition(
        language="en",
        language_probability=1.0,
        words=(
            *spoken("Rubisco", probability=0.4),
            *spoken("works.", start_sec=0.5, probability=0.8),
        ),
        withheld=0,
    )

    transcript = merged(RecognizedSegment(0, 10, sure))

    assert transcript.utterances[0].confidence == pytest.approx(0.6)
