from functions.transcribe.audio import SAMPLE_RATE
from functions.transcribe.recognizers.whisper.onsets import LATEST_SEC, from_onsets
from functions.transcribe.speech.regions import Region
from shared.documents.transcript import Word

REGIONS = (
    Region(0, 3 * SAMPLE_RATE, padded=0),
    Region(10 * SAMPLE_RATE, 13 * SAMPLE_RATE, padded=SAMPLE_RATE // 4),
)


def words(*starts: float) -> list[Word]:
    return [Word(text="w", start_sec=s, end_sec=s + 0.2, probability=1) for s in starts]


def starts(found: tuple[Word, ...]) -> list[float]:
    return [word.start_sec for word in found]


def test_a_first_word_that_is_late_begins_with_the_voice() -> None:
    assert starts(from_onsets(words(0.5, 2.0, 10.7, 11.4), REGIONS)) == [0.5, 2.0, 10.25, 11.4]


def test_one_that_is_early_or_much_later_stays() -> None:
    assert starts(from_onsets(words(0.5, 10.15, 10.9), REGIONS)) == [0.5, 10.15, 10.9]
    late = 10.25 + LATEST_SEC + 0.1
    assert starts(from_onsets(words(0.5, late), REGIONS)) == [0.5, late]


def test_where_nothing_is_known_of_the_voice_nothing_changes() -> None:
    assert starts(from_onsets(words(0.5), REGIONS)) == [0.5]
    assert from_onsets((), REGIONS) == ()
    assert starts(from_onsets(words(20.0), REGIONS)) == [20.0]
