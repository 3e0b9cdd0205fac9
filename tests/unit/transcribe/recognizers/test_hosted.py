"""A service that speaks OpenAI's transcription API: what it is sent, and what becomes of its
answers, whatever they are."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import pairwise
from time import monotonic
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from functions.transcribe.audio import SAMPLE_RATE, as_float
from functions.transcribe.recognizers.base import Recognizer
from functions.transcribe.recognizers.hosted.prices import cost_usd
from functions.transcribe.recognizers.hosted.recognizer import LARGEST_BYTES, MAX_RETRIES
from functions.transcribe.recognizers.registry import connect_hosted
from functions.transcribe.speech.pieces import Speech, speech_in
from functions.transcribe.speech.regions import Region
from shared.config import ConfigurationError, Settings, load_settings
from shared.errors import (
    ModelUnavailableError,
    ProviderQuotaExhaustedError,
    TransientError,
)
from shared.speech.languages import iso_639_1
from shared.speech.recognition import Recognition
from tests.support.lectures.builders import make_settings
from tests.support.sound.sounds import recorded, silence, tone
from tests.unit.transcribe.recognizers.transcription_server import (
    Reply,
    TranscriptionServer,
    Upload,
    failure,
    segment,
    serving,
    transcription,
)

Answer = Callable[[Upload, int], Reply]
pytestmark = pytest.mark.heavy

HEARD = (("Ask", 1.0, 1.4), ("not", 1.5, 1.8), ("what", 2.0, 2.4))


@pytest.fixture(scope="module")
def speech() -> NDArray[np.float32]:
    """Eleven seconds with speech."""
    return as_float(recorded("speech/jfk-1961.flac"))


@contextmanager
def recognizer(answer: Answer, **settings: Any) -> Iterator[tuple[Recognizer, TranscriptionServer]]:
    with serving(answer) as server:
        told = make_settings(
            plc_transcribe_provider="openai",
            openai_transcribe_base_url=server.url,
            openai_transcribe_api_key="sk-secret",
            **settings,
        )
        with closing(connect_hosted(told, "whisper-1")) as hosted:
            yield hosted, server


def recognize(
    samples: NDArray[np.float32],
    *answers: Reply,
    language: str | None = None,
    vocabulary: tuple[str, ...] = (),
) -> tuple[Recognition, list[Upload]]:
    """With these answers in this order, the last one again and again."""
    with recognizer(lambda _, before: answers[min(before, len(answers) - 1)]) as (asked, server):
        found = asked.recognize(speech_in(samples), language=language, vocabulary=vocabulary)
    return found, server.uploads


def words(recognition: Recognition) -> list[str]:
    return [word.text for word in recognition.words]


def assert_orderly(recognition: Recognition, samples: NDArray[np.float32]) -> None:
    """What every recognizer promises of its words."""
    for word in recognition.words:
        assert 0 <= word.start_sec <= word.end_sec <= len(samples) / SAMPLE_RATE
        assert 0 <= word.probability <= 1
    for one, following in pairwise(recognition.words):
        assert one.end_sec <= following.start_sec


class TestAsking:
    def test_a_segment_is_sent_as_flac_with_what_is_known_of_it(
        self, speech: NDArray[np.float32]
    ) -> None:
        _, [upload] = recognize(
            speech, transcription(*HEARD), language="en", vocabulary=("Euler", "Kennedy")
        )

        assert upload.fields == {
            "model": ["whisper-1"],
            "response_format": ["verbose_json"],
            "timestamp_granularities[]": ["word", "segment"],
            "temperature": ["0"],
            "language": ["en"],
            "prompt": ["Euler. Kennedy."],
        }
        assert (upload.file_name, upload.format, upload.key) == (
            "speech.flac",
            "flac",
            "Bearer sk-secret",
        )

    def test_where_a_prompt_costs_the_punctuation_it_is_asked_again_without(
        self, speech: NDArray[np.float32]
    ) -> None:
        run_on = [(f"word{n}", n / 10, n / 10 + 0.05) for n in range(105)]
        ended = [
            (f"{text}." if n % 10 == 9 else text, start, end)
            for n, (text, start, end) in enumerate(run_on)
        ]

        found, uploads = recognize(
            speech, transcription(*run_on), transcription(*ended), vocabulary=("Euler",)
        )

        assert [upload.fields.get("prompt") for upload in uploads] == [["Euler."], None]
        assert words(found) == [text for text, *_ in ended]
        assert (found.billed_calls, found.billed_sec) == (2, 20)

    def test_text_without_sentences_stays_and_is_asked_for_once_without_a_vocabulary(
        self, speech: NDArray[np.float32]
    ) -> None:
        run_on = [(f"word{n}", n / 10, n / 10 + 0.05) for n in range(105)]

        hinted, uploads = recognize(speech, transcription(*run_on), vocabulary=("Euler",))
        plain, _ = recognize(speech, transcription(*run_on))

        assert len(uploads) == 2
        assert words(hinted) == words(plain) == [text for text, *_ in run_on]
        assert plain.billed_calls == 1

    def test_what_is_not_known_is_left_out(self, speech: NDArray[np.float32]) -> None:
        _, [upload] = recognize(speech, transcription(*HEARD))

        assert not {"language", "prompt"} & upload.fields.keys()

    def test_silence_is_neither_sent_nor_paid_for(self, speech: NDArray[np.float32]) -> None:
        quiet = as_float(silence(30))

        found, uploads = recognize(quiet, transcription(*HEARD), language="de")
        assert (found.words, found.language, found.billed_sec, uploads) == ((), "de", 0, [])

        around = np.concatenate([quiet, speech, quiet])
        _, [upload] = recognize(around, transcription(*HEARD))
        assert upload.duration_sec < len(speech) / SAMPLE_RATE + 1

    def test_words_have_their_times_in_the_segment_also_behind_a_pause(
        self, speech: NDArray[np.float32]
    ) -> None:
        lead, gap = 20, 60
        twice = np.concatenate([as_float(silence(lead)), speech, as_float(silence(gap)), speech])

        found, [upload] = recognize(
            twice,
            transcription(("Ask", 1.0, 1.4), ("Ask", upload_half(speech) + 1, 0)),
        )

        first, second = found.words
        assert lead <= first.start_sec <= lead + 3
        behind = lead + len(speech) / SAMPLE_RATE + gap
        assert behind <= second.start_sec <= behind + 3
        assert upload.duration_sec < 2 * len(speech) / SAMPLE_RATE + 2
        assert_orderly(found, twice)

    @pytest.mark.slow
    def test_what_is_too_large_for_one_upload_is_sent_in_several_cut_at_pauses(
        self, speech: NDArray[np.float32]
    ) -> None:
        # Loud noise under it: FLAC cannot make it smaller.
        noise = np.random.default_rng(1).uniform(-0.05, 0.05, len(speech)).astype(np.float32)
        long = np.clip(np.tile(speech * 0.9 + noise, 80), -1, 1)

        found, uploads = recognize(long, transcription(*HEARD))

        assert len(uploads) > 1
        assert all(len(upload.sound) < LARGEST_BYTES for upload in uploads)
        heard_sec = sum(upload.duration_sec for upload in uploads)
        assert 0.8 * len(long) / SAMPLE_RATE < heard_sec <= len(long) / SAMPLE_RATE
        assert words(found) == ["Ask", "not", "what"] * len(uploads)
        assert (found.billed_calls, found.billed_sec) == (len(uploads), 10 * len(uploads))
        assert_orderly(found, long)

    def test_where_nobody_pauses_two_uploads_overlap_and_no_word_is_there_twice(self) -> None:
        samples = as_float(tone(36))
        regions = (Region(0, 20 * SAMPLE_RATE), Region(16 * SAMPLE_RATE, 36 * SAMPLE_RATE))
        answers = (
            transcription(("Ask", 1.0, 1.4), ("not", 17.0, 17.4), ("what", 18.5, 18.9)),
            transcription(("not", 1.0, 1.4), ("what", 2.5, 2.9), ("you", 9.0, 9.4)),
        )

        with recognizer(lambda _, before: answers[before]) as (asked, _):
            found = asked.recognize(Speech(samples, regions), language="en", vocabulary=())

        assert words(found) == ["Ask", "not", "what", "you"]
        assert [word.start_sec for word in found.words] == pytest.approx([1, 17, 18.5, 25])


def upload_half(speech: NDArray[np.float32]) -> float:
    """Where, in what is sent of the speech twice over, it begins again."""
    with recognizer(lambda *_: transcription(*HEARD)) as (asked, server):
        asked.recognize(speech_in(speech), language=None, vocabulary=())
    return server.uploads[0].duration_sec


class TestHearing:
    def test_words_have_the_punctuation_that_only_the_text_has(
        self, speech: NDArray[np.float32]
    ) -> None:
        found, _ = recognize(speech, transcription(*HEARD, text="Ask not, what?"))

        assert words(found) == ["Ask", "not,", "what?"]
        assert found.words[1].end_sec - found.words[1].start_sec == pytest.approx(0.3, abs=0.01)

    def test_words_that_the_list_lacks_are_in_their_places(
        self, speech: NDArray[np.float32]
    ) -> None:
        lacking = (HEARD[0], HEARD[2])

        found, _ = recognize(speech, transcription(*lacking, text="Ask not what."))

        assert words(found) == ["Ask", "not", "what."]
        assert_orderly(found, speech)

    @pytest.mark.parametrize(
        "lies",
        [
            tuple(reversed(HEARD)),
            tuple((word, start, start - 1) for word, start, _ in HEARD),
            tuple((word, 0.0, 0.0) for word, _, _ in HEARD),
            tuple((word, start + 3600, end + 3600) for word, start, end in HEARD),
            tuple((word, -start, -end) for word, start, end in HEARD),
            (*HEARD, ("  ", 1.0, 2.0)),
        ],
    )
    def test_whatever_times_it_tells_words_are_in_the_order_of_the_text_and_inside(
        self, speech: NDArray[np.float32], lies: tuple[tuple[str, float, float], ...]
    ) -> None:
        found, _ = recognize(speech, transcription(*lies, text="Ask not what"))

        assert words(found) == ["Ask", "not", "what"]
        assert_orderly(found, speech)

    def test_how_sure_it_was_is_kept(self, speech: NDArray[np.float32]) -> None:
        found, _ = recognize(
            speech, transcription(*HEARD, segments=[segment(0, 30, avg_logprob=-0.5)])
        )

        assert {round(word.probability, 3) for word in found.words} == {0.607}

    @pytest.mark.parametrize(
        "figures",
        [
            {"avg_logprob": -1.3},
            {"avg_logprob": -0.9, "no_speech_prob": 0.8},
            {"compression_ratio": 5.0, "no_speech_prob": 0.5},
        ],
    )
    def test_what_is_not_believable_is_withheld_and_the_rest_kept(
        self, speech: NDArray[np.float32], figures: dict[str, float]
    ) -> None:
        segments = [segment(0, 1.45), segment(1.45, 30, **figures)]

        found, _ = recognize(speech, transcription(*HEARD, segments=segments))

        assert (words(found), found.withheld) == (["Ask"], 1)

    @pytest.mark.parametrize("segments", [None, [], [{"start": 0, "end": 30}]])
    def test_a_service_without_figures_is_believed(
        self, speech: NDArray[np.float32], segments: list[Any] | None
    ) -> None:
        found, _ = recognize(speech, transcription(*HEARD, segments=segments))

        assert (words(found), found.withheld) == (["Ask", "not", "what"], 0)

    def test_nothing_heard_is_nothing_said(self, speech: NDArray[np.float32]) -> None:
        found, _ = recognize(speech, transcription(text="", words=None))

        assert (found.words, found.language, found.billed_sec) == ((), "und", 10)

    @pytest.mark.parametrize(
        ("told", "language"),
        [("english", "en"), ("German", "de"), ("zh", "zh"), ("klingon", "und"), (None, "und")],
    )
    def test_its_name_for_the_language_is_ours(
        self, speech: NDArray[np.float32], told: str | None, language: str
    ) -> None:
        found, _ = recognize(speech, transcription(*HEARD, language=told))

        assert found.language == language

    def test_the_language_that_was_asked_for_counts(self, speech: NDArray[np.float32]) -> None:
        found, _ = recognize(speech, transcription(*HEARD, language="welsh"), language="en")

        assert (found.language, found.language_probability) == ("en", 1)

    def test_the_language_is_told_from_half_a_minute(self, speech: NDArray[np.float32]) -> None:
        with recognizer(lambda *_: transcription(*HEARD, language="german")) as (asked, server):
            told = asked.detect_language(speech_in(np.tile(speech, 10)))
            assert asked.detect_language(speech_in(as_float(silence(5)))).language == "und"

        assert told.language == "de"
        assert [upload.duration_sec <= 30 for upload in server.uploads] == [True]


class TestFailing:
    @pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503])
    def test_what_passes_is_asked_again(self, speech: NDArray[np.float32], status: int) -> None:
        found, uploads = recognize(speech, failure(status), transcription(*HEARD))

        assert words(found) == ["Ask", "not", "what"]
        assert len(uploads) == 2
        assert uploads[0] == uploads[1]

    def test_it_waits_as_long_as_the_service_asks_for(self, speech: NDArray[np.float32]) -> None:
        answered: list[float] = []

        def busy(_: Upload, before: int) -> Reply:
            answered.append(monotonic())
            return (
                failure(429, **{"retry-after-ms": "400"}) if not before else transcription(*HEARD)
            )

        with recognizer(busy) as (asked, _):
            asked.recognize(speech_in(speech), language=None, vocabulary=())

        assert answered[1] - answered[0] >= 0.4

    @pytest.mark.parametrize("status", [429, 500])
    def test_what_does_not_pass_is_for_the_job_to_try_later(
        self, speech: NDArray[np.float32], status: int
    ) -> None:
        with (
            recognizer(lambda *_: failure(status)) as (asked, server),
            pytest.raises(TransientError, match="transcription service"),
        ):
            asked.recognize(speech_in(speech), language=None, vocabulary=())

        assert len(server.uploads) == 1 + MAX_RETRIES

    @pytest.mark.parametrize("status", [402, 429])
    def test_a_quota_that_is_used_up_is_asked_once_and_is_the_operators(
        self, speech: NDArray[np.float32], status: int
    ) -> None:
        refused = Reply(status, json.dumps({"error": {"code": "insufficient_quota"}}))
        with (
            recognizer(lambda *_: refused) as (asked, server),
            pytest.raises(ProviderQuotaExhaustedError),
        ):
            asked.recognize(speech_in(speech), language=None, vocabulary=())

        assert len(server.uploads) == 1

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 415, 422])
    def test_what_it_will_never_take_is_given_up_without_telling_the_key(
        self, speech: NDArray[np.float32], status: int
    ) -> None:
        with (
            recognizer(lambda *_: failure(status)) as (asked, server),
            pytest.raises(ModelUnavailableError, match=str(status)) as raised,
        ):
            asked.recognize(speech_in(speech), language=None, vocabulary=())

        assert len(server.uploads) == 1
        assert "sk-secret" not in str(raised.value)

    @pytest.mark.parametrize(
        "body",
        [
            "",
            "<html>proxy</html>",
            '{"text": "Ask not", "words": [{"word": "Ask", "st',
            "[]",
            "null",
            '{"words": []}',
            '{"text": "a", "words": [{"word": "a", "start": "soon", "end": 1}]}',
            '{"text": "a", "words": [{"word": "a", "start": NaN, "end": 1}]}',
        ],
    )
    def test_an_answer_that_cannot_be_read_is_asked_for_later(
        self, speech: NDArray[np.float32], body: str
    ) -> None:
        with pytest.raises(TransientError, match="cannot be read"):
            recognize(speech, Reply(200, body))

    def test_an_answer_that_breaks_off_is_asked_for_again(
        self, speech: NDArray[np.float32]
    ) -> None:
        broken = Reply(200, '{"text": "Ask', announced=500)

        found, uploads = recognize(speech, broken, transcription(*HEARD))

        assert (words(found), len(uploads)) == (["Ask", "not", "what"], 2)

    def test_a_service_that_is_too_slow_is_asked_again(self, speech: NDArray[np.float32]) -> None:
        over = threading.Event()

        def sleeps(_: Upload, before: int) -> Reply:
            if before == 0:
                over.wait(30)
            return transcription(*HEARD)

        with recognizer(sleeps, plc_transcribe_timeout_sec=1) as (asked, server):
            try:
                found = asked.recognize(speech_in(speech), language=None, vocabulary=())
            finally:
                over.set()

        assert (words(found), len(server.uploads)) == (["Ask", "not", "what"], 2)

    @pytest.mark.parametrize("listed", [None, []])
    def test_a_service_that_tells_no_word_times_is_refused(
        self, speech: NDArray[np.float32], listed: list[Any] | None
    ) -> None:
        with pytest.raises(ModelUnavailableError, match="when words were said"):
            recognize(speech, transcription(text="Ask not what", words=listed))


class TestSettings:
    def test_a_model_without_word_times_is_refused_before_it_is_asked(self) -> None:
        with pytest.raises(ConfigurationError, match="OPENAI_TRANSCRIBE_MODEL: gpt-4o-transcribe"):
            environment(OPENAI_TRANSCRIBE_MODEL="gpt-4o-transcribe", OPENAI_API_KEY="sk-x")
        with pytest.raises(ModelUnavailableError, match="gpt-transcribe"):
            connect_hosted(make_settings(openai_api_key="sk-x"), "gpt-transcribe")

    def test_somebody_must_be_asked_with_a_key_or_at_an_address(self) -> None:
        with pytest.raises(ConfigurationError, match="OPENAI_TRANSCRIBE_API_KEY"):
            environment()

        assert environment(OPENAI_API_KEY="sk-x").transcribe_model == "whisper-1"
        own = environment(OPENAI_TRANSCRIBE_BASE_URL="http://speech.internal/v1")
        assert own.plc_transcribe_provider == "openai"

    def test_openais_key_goes_to_openai_alone(self, speech: NDArray[np.float32]) -> None:
        with serving(lambda *_: transcription(*HEARD)) as server:
            told = make_settings(openai_api_key="sk-x", openai_transcribe_base_url=server.url)
            with closing(connect_hosted(told, "whisper-1")) as hosted:
                hosted.recognize(speech_in(speech), language=None, vocabulary=())

        assert [upload.key for upload in server.uploads] == ["Bearer none"]


def environment(**more: str) -> Settings:
    return load_settings(
        {
            "GOOGLE_CLOUD_PROJECT": "p",
            "GCS_BUCKET": "b",
            "DATABASE_URL": "postgresql://nobody@127.0.0.1/none",
            "PLC_TRANSCRIBE_PROVIDER": "openai",
            **more,
        }
    )


def test_a_minute_has_one_price() -> None:
    assert cost_usd("whisper-1", billed_sec=90) == 0.009
    assert cost_usd("somebody's-own", billed_sec=90) is None


def test_every_name_of_a_language_is_a_code() -> None:
    assert (iso_639_1(" Haitian Creole "), iso_639_1("castilian")) == ("ht", "es")
    assert iso_639_1("") is None


def test_the_servers_own_answer_is_what_the_service_documents() -> None:
    """Else the tests above would be about something else."""
    from openai.types.audio import TranscriptionVerbose

    read = TranscriptionVerbose.model_validate(json.loads(transcription(*HEARD).body), strict=True)
    assert [word.word for word in read.words or ()] == ["Ask", "not", "what"]
