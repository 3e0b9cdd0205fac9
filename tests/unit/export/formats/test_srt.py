"""Captions that can be read, and nothing but captions."""

from dataclasses import replace
from datetime import timedelta

import pytest
import srt
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.export.formats.captions.srt import SrtFormat
from functions.export.formats.captions.tokens import columns
from shared.documents.transcript import Transcript, Utterance, Word
from shared.errors import ExportFailedError
from tests.unit.export.documents import lecture
from tests.unit.export.hostile import HOSTILE

SOURCES = ["hashing-1", "hashing-2", "economics", "photosynthesis"]


def parsed(transcript: Transcript | None) -> list[srt.Subtitle]:
    data = SrtFormat().render(replace(lecture(), transcript=transcript))
    return list(srt.parse(data.decode()))


def spoken(*utterances: tuple[str, float, float, list[tuple[str, float, float]]]) -> Transcript:
    return Transcript(
        language="en",
        duration_sec=utterances[-1][2] + 1,
        provider="whisper",
        model="base",
        utterances=tuple(
            Utterance(
                id=index,
                start_sec=start,
                end_sec=end,
                text=text,
                confidence=1,
                words=tuple(
                    Word(text=word, start_sec=begin, end_sec=finish, probability=1)
                    for word, begin, finish in words
                ),
            )
            for index, (text, start, end, words) in enumerate(utterances)
        ),
    )


def sound(captions: list[srt.Subtitle]) -> None:
    """What always holds, whatever was said."""
    assert [caption.index for caption in captions] == list(range(1, len(captions) + 1))
    end = timedelta()
    for caption in captions:
        assert end <= caption.start < caption.end
        assert caption.end - caption.start <= timedelta(seconds=7)
        assert 1 <= len(caption.content.split("\n")) <= 2
        assert all(0 < columns(line) <= 42 for line in caption.content.split("\n"))
        end = caption.end


def said(captions: list[srt.Subtitle]) -> str:
    return " ".join(caption.content.replace("\n", " ") for caption in captions)


@pytest.mark.parametrize("source", SOURCES)
def test_a_lectures_captions_can_be_read(source: str) -> None:
    document = lecture(source)
    captions = parsed(document.transcript)
    sound(captions)
    for caption in captions:
        shown = (caption.end - caption.start).total_seconds()
        assert shown >= 0.8
        assert len(caption.content) / shown <= 20


@pytest.mark.parametrize("source", SOURCES)
def test_every_word_is_in_the_captions_once_and_in_order(source: str) -> None:
    transcript = lecture(source).transcript
    assert transcript
    assert said(parsed(transcript)) == transcript.text


@pytest.mark.parametrize("source", SOURCES)
def test_a_caption_is_on_screen_while_its_words_are_spoken(source: str) -> None:
    transcript = lecture(source).transcript
    assert transcript
    words = [word for utterance in transcript.utterances for word in utterance.words]
    for caption in parsed(transcript):
        own, words = words[: len(caption.content.split())], words[len(caption.content.split()) :]
        assert abs(caption.start.total_seconds() - own[0].start_sec) <= 0.3
        assert caption.end.total_seconds() >= own[-1].end_sec - 0.001


@pytest.mark.parametrize("source", SOURCES)
def test_captions_end_where_a_phrase_ends(source: str) -> None:
    captions = parsed(lecture(source).transcript)
    at_phrase_end = [caption for caption in captions if caption.content[-1] in ".,?!;:"]
    assert len(at_phrase_end) >= 0.9 * len(captions)


def test_a_long_silence_ends_a_caption() -> None:
    words = [("before", 0.0, 0.5), ("after", 9.0, 9.5)]
    captions = parsed(spoken(("before after", 0.0, 9.5, words)))
    assert [caption.content for caption in captions] == ["before", "after"]
    assert captions[0].end.total_seconds() < 2


def test_short_utterances_in_quick_succession_share_a_caption() -> None:
    captions = parsed(
        spoken(
            ("Yes.", 0.0, 0.3, [("Yes.", 0.0, 0.3)]),
            ("Right.", 0.35, 0.7, [("Right.", 0.35, 0.7)]),
        )
    )
    assert [caption.content for caption in captions] == ["Yes. Right."]


def test_wide_characters_count_double_and_get_no_spaces() -> None:
    text = "ハッシュ表はそれぞれの鍵を小さな整数に写しその整数を配列の添字として使います。"
    words = [(char, index * 0.2, index * 0.2 + 0.2) for index, char in enumerate(text)]
    captions = parsed(spoken((text, 0.0, len(text) * 0.2, words)))
    sound(captions)
    assert "".join(caption.content.replace("\n", "") for caption in captions) == text


def test_utterances_without_word_times_are_spread_over_their_span() -> None:
    text = "one two three four five six seven eight nine ten eleven twelve. " * 4
    captions = parsed(spoken((text.strip(), 10.0, 34.0, [])))
    sound(captions)
    assert said(captions) == text.strip()
    assert captions[0].start.total_seconds() == 10
    assert captions[-1].start.total_seconds() > 25


@given(
    st.lists(
        st.tuples(st.text(min_size=1, max_size=60), st.floats(0, 3), st.floats(0, 12)),
        min_size=1,
        max_size=60,
    )
)
@settings(max_examples=100, deadline=None, derandomize=True, database=None)
def test_captions_are_sound_whatever_was_recognized(
    words: list[tuple[str, float, float]],
) -> None:
    clock, timed = 0.0, []
    for text, pause, duration in words:
        timed.append((text, clock + pause, clock + pause + duration))
        clock += pause + duration
    transcript = spoken(
        (" ".join(text for text, _, _ in words), 0.0, clock, timed),
        ("The end.", clock, clock + 1, [("The", clock, clock), ("end.", clock, clock + 1)]),
    )
    sound(parsed(transcript))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_text_is_read_as_a_tag_or_as_another_caption(text: str) -> None:
    data = SrtFormat().render(lecture(wording=lambda _: text, said=3)).decode()
    sound(list(srt.parse(data)))
    assert data.count("-->") == len(list(srt.parse(data)))
    for opening in "<{\\":
        assert data.count(opening) == data.count(f"{opening}\u2060")


def test_without_a_transcript_there_are_no_captions() -> None:
    with pytest.raises(ExportFailedError, match="no transcript"):
        parsed(None)
