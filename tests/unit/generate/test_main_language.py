"""Of a lecture in several languages the study material is in the main one."""

from shared.documents.transcript import Transcript, Utterance
from tests.unit.generate.lectures import FOLDER, draft, grounded, items, lecture, spoken

GERMAN = spoken((FOLDER.parent / "written" / "vulkane.de.txt").read_text(), "de").utterances[:25]


def later(utterance: Utterance, by_sec: float, index: int) -> Utterance:
    moved = {"start_sec": utterance.start_sec + by_sec, "end_sec": utterance.end_sec + by_sec}
    words = tuple(
        word.model_copy(
            update={"start_sec": word.start_sec + by_sec, "end_sec": word.end_sec + by_sec}
        )
        for word in utterance.words
    )
    return utterance.model_copy(update={**moved, "words": words, "id": index, "language": "de"})


def with_german_guest() -> Transcript:
    english = lecture("economics")
    count, length_sec = len(english.utterances), english.duration_sec
    guest = [later(each, length_sec, count + at) for at, each in enumerate(GERMAN)]
    return english.model_copy(
        update={
            "utterances": (*english.utterances, *guest),
            "duration_sec": guest[-1].end_sec,
        }
    )


def test_the_extractive_provider_draws_from_the_main_language_alone() -> None:
    both, english = with_german_guest(), lecture("economics")

    made = draft(both)

    assert made.contents == draft(english).contents
    kept = grounded(made, both)
    assert sum(each.dropped for each in kept.grounding.values()) == 0
    assert not any("Vulkan" in text for text, _ in items(made.contents))


def test_a_transcript_in_one_language_is_all_in_it() -> None:
    english = lecture("economics")

    assert english.in_its_language() == english
