from string import ascii_lowercase

from hypothesis import given
from hypothesis import strategies as st

from functions.transcribe.recognizers.whisper.words import RawWord, whole_words
from functions.transcribe.vocabulary.terms import MOST_CHARACTERS, as_hint, terms_of
from shared.documents.transcript import Word
from shared.speech.times import settle
from shared.speech.writing import join


def whole(*texts: str) -> list[str]:
    pieces = [RawWord(text, index, index + 1, 0.9) for index, text in enumerate(texts)]
    return [word.text for word in whole_words(pieces)]


def test_what_is_written_together_is_one_word() -> None:
    assert whole(" about", " 3", ".5", " or", " 50", "%") == [" about", " 3.5", " or", " 50%"]
    assert whole(" a", " well", "-known", " fact") == [" a", " well-known", " fact"]


def test_a_joined_word_lasts_from_its_first_to_its_last_piece_and_is_as_sure_as_the_worst() -> None:
    joined = whole_words([RawWord(" 3", 1.0, 1.5, 0.9), RawWord(".5", 1.5, 2.0, 0.4)])

    assert joined == [RawWord(" 3.5", 1.0, 2.0, 0.4)]


def test_characters_of_scripts_without_spaces_stay_apart() -> None:
    assert whole("光", "合作", "用。", "Go", "ogle") == ["光", "合作", "用。", "Google"]


def test_pieces_without_text_vanish() -> None:
    assert whole(" one", "", " ", " two") == [" one", " two"]


def test_words_are_joined_as_their_script_is_written() -> None:
    assert join(["The", "cell", "divides."]) == "The cell divides."
    assert join(["光", "合作", "用。"]) == "光合作用。"
    assert join(["使用", "Python", "语言"]) == "使用 Python 语言"
    assert join(["안녕", "세계"]) == "안녕 세계"
    assert join([]) == ""


times = st.floats(min_value=-5, max_value=40)


@given(st.lists(st.tuples(times, times), max_size=200))
def test_settled_words_rise_do_not_overlap_and_lie_in_the_segment(
    spans: list[tuple[float, float]],
) -> None:
    words = [
        Word(text=str(index), start_sec=start, end_sec=end, probability=1)
        for index, (start, end) in enumerate(spans)
    ]

    settled = settle(words, 30.00006)

    assert [word.text for word in settled] == [word.text for word in words]
    edges = [edge for word in settled for edge in (word.start_sec, word.end_sec)]
    assert edges == sorted(edges)
    assert all(0 <= edge <= 30.00006 for edge in edges)
    # 200 words of 0.02 s fit: none is left without a length.
    assert all(word.end_sec > word.start_sec for word in settled)


def test_words_that_are_fine_keep_their_times() -> None:
    words = [
        Word(text="a", start_sec=0.5, end_sec=0.9, probability=1),
        Word(text="b", start_sec=1.2, end_sec=1.5, probability=1),
    ]

    assert settle(words, 10) == tuple(words)


def test_a_hint_is_a_sentence_for_each_term_and_stays_short() -> None:
    hint = as_hint(terms_of(["calvin  cycle", "Rubisco", "calvin cycle", *NAMES]))

    assert hint is not None
    assert hint.startswith("Calvin cycle. Rubisco. Name aa. ")
    assert hint.endswith(".")
    assert MOST_CHARACTERS - 10 <= len(hint) <= MOST_CHARACTERS


NAMES = [f"name {one}{other}" for one in ascii_lowercase for other in ascii_lowercase]


def test_no_terms_are_no_hint() -> None:
    assert as_hint([]) is None
    assert terms_of(["  ", "…", "3", "—"]) == []


def test_titles_are_terms_in_the_phrases_that_punctuation_parts() -> None:
    assert terms_of(["Hashing, part 2: cuckoo hashing (Pagh)", "C++", "well-known facts"]) == [
        "Hashing",
        "part 2",
        "cuckoo hashing",
        "Pagh",
        "C++",
        "well-known facts",
    ]
    assert terms_of(["What we still have to say about it", "Euler"]) == ["Euler"]
