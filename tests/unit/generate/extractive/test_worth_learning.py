"""What is asked has a short answer, and what is shown stands alone and says something."""

import random
import re

import pytest

from functions.generate.grounding.polarity.check import PolarityCheck
from functions.generate.text.edges import mark_edges
from functions.generate.text.language import language_of
from functions.generate.text.sentences import Sentence, split_sentences
from shared.documents.artifacts import Citation, Flashcard, OutlinePoint
from tests.evaluation.lectures import written
from tests.unit.generate import lectures
from tests.unit.generate.lectures import draft, items, lecture, spoken

every_lecture = pytest.mark.parametrize("name", lectures.NAMES)
RIVERS = (
    "A meander is a wide bend that a slow river cuts into soft ground. An oxbow lake is a curved "
    "lake that a meander leaves behind. A delta is a flat plain that a river builds at its mouth. "
    "A glacier is a mass of ice that moves downhill under its own weight. "
)


def only(text: str, code: str = "en") -> Sentence:
    (sentence,) = split_sentences(spoken(text, code), language_of(code))
    return sentence


def basic(text: str, code: str = "en") -> dict[str, str]:
    cards = draft(spoken(text, code)).contents.flashcards.cards
    return {card.front: card.back for card in cards if card.kind == "basic"}


# --- the deck ---


@every_lecture
def test_a_card_is_answered_in_twenty_words(name: str) -> None:
    cards = draft(lecture(name)).contents.flashcards.cards
    assert [card.back for card in cards if len(card.back.split()) > 20] == []


@every_lecture
def test_no_card_and_no_short_answer_asks_what_the_lecture_says_about_a_word(name: str) -> None:
    contents = draft(lecture(name)).contents
    asked = [card.front for card in contents.flashcards.cards]
    asked += [question.question for question in contents.exam_questions.questions]
    assert not any("lecture say about" in each for each in asked)


REASONS = [
    ("en", "Rivers carry less mud in summer, because the snow has melted.", "Because the snow"),
    ("de", "Flüsse führen im Sommer weniger Wasser, weil der Schnee geschmolzen ist.", "Weil der"),
    ("fr", "Les rivières portent moins de boue, parce que la neige a fondu.", "Parce que la"),
    ("es", "Los ríos llevan menos barro, porque la nieve se ha fundido.", "Porque la nieve"),
    ("ru", "Реки несут меньше ила, потому что снег уже давно растаял.", "Потому что снег"),
]


@pytest.mark.parametrize(("code", "said", "answer"), REASONS)
def test_a_stated_reason_is_asked_for(code: str, said: str, answer: str) -> None:
    (back,) = [b for b in basic(said, code).values() if b.startswith(answer)]
    (front,) = [f for f, b in basic(said, code).items() if b == back]
    stated = said.split(",", maxsplit=1)[0]
    assert stated in front
    assert answer.rsplit(maxsplit=1)[-1] not in front


CONSEQUENCES = [
    ("en", "If a river slows down, the mud sinks to the ground.", "if a river slows down?"),
    (
        "en",
        "When the ice of a glacier melts, a lake fills the valley.",
        "when the ice of a glacier",
    ),
    ("de", "Wenn ein Fluss langsamer wird, sinkt der Schlamm zu Boden.", "wenn ein Fluss"),
    ("fr", "Si la rivière ralentit beaucoup, la boue tombe au fond.", "si la rivière ralentit"),
    ("es", "Si el río se frena, el barro cae al fondo del cauce.", "si el río se frena"),
    ("ru", "Если река замедляется летом, ил опускается на дно.", "если река замедляется"),
]


@pytest.mark.parametrize(("code", "said", "asked"), CONSEQUENCES)
def test_what_follows_from_a_condition_is_asked_for(code: str, said: str, asked: str) -> None:
    (front,) = [front for front in basic(said, code) if asked in front]
    words = said.split(", ", 1)[1].rstrip(".").split()
    assert basic(said, code)[front].rstrip(".").split()[-3:] == words[-3:]


@pytest.mark.parametrize(
    "said",
    [
        "The bridge did not fall because it was old and badly kept.",
        "Deltas grow only because the mouth of the river is wide.",
        "If both agree on the price of the land, the sale is binding.",
        "If the dam had held the water, the town would have been safe.",
        "If the price falls, or the harvest fails.",
        "If it is sold without a licence, the contract of sale is void.",
    ],
)
def test_what_is_denied_only_thought_of_or_about_something_before_is_not_asked(said: str) -> None:
    text = f"{RIVERS} {said}"
    assert not any("Why is this so" in f or "What happens" in f for f in basic(text))


def test_an_aside_does_not_end_a_condition() -> None:
    said = "If something else changes, such as income or the weather, then the whole curve shifts."
    (front,) = [f for f in basic(said) if f.startswith("What happens")]
    assert "weather" in front
    assert basic(said)[front] == "The whole curve shifts."


@pytest.mark.parametrize(
    ("said", "term"),
    [
        ("The action is for misrepresentation, which is a different thing altogether.", "misrep"),
        ("We come to supply, which is the same thing for sellers.", "supply"),
        ("Long-term storage is another story.", "storage"),
        (
            "FIFO has an anomaly, which means that more frames cause more faults.",
            "anomaly",
        ),
    ],
)
def test_what_defines_nothing_is_no_definition(said: str, term: str) -> None:
    fronts = basic(f"{RIVERS} {said}")
    assert not any(term in front and front.startswith("What is") for front in fronts)


def clozes(text: str) -> list[Flashcard]:
    return [c for c in draft(spoken(text)).contents.flashcards.cards if c.kind == "cloze"]


@pytest.mark.parametrize("name", ["Unfair Terms Act", "Glacier National Park", "Delta Works Bill"])
def test_a_gap_is_not_half_of_a_name(name: str) -> None:
    text = f"{RIVERS} Terms are the parts of a contract. Under the {name} liability is unlimited."
    for card in clozes(text):
        hidden = re.findall(r"\{\{c1::(.*?)\}\}", card.front)
        assert all(word not in name.split() for word in hidden) or name not in card.front


def test_the_article_does_not_tell_the_option() -> None:
    questions = draft(spoken(RIVERS)).contents.exam_questions.questions
    gaps = [q.question for q in questions if q.kind == "multiple-choice" and "_____" in q.question]
    assert gaps
    assert not any(re.search(r"\b[Aa]n? _____", each) for each in gaps)


@pytest.mark.parametrize("name", [*lectures.NAMES, "contract-terms"])
def test_the_options_of_a_question_are_of_one_kind(name: str) -> None:
    questions = draft(written(name)).contents.exam_questions.questions
    for question in questions:
        are_names = {option != option.lower() for option in question.options}
        assert len(are_names) < 2, question.options


# --- the outline ---


@pytest.mark.parametrize("name", [*lectures.NAMES, "harmony", "elasticity"])
def test_the_outline_repeats_no_bullet_and_no_title(name: str) -> None:
    contents = draft(written(name)).contents
    bullets = {bullet.text for section in contents.summary.sections for bullet in section.bullets}
    points = [point.text for node in lectures.outline_nodes(contents) for point in node.points]
    assert points
    assert len(set(points)) == len(points)
    assert bullets.isdisjoint(points)
    for node in lectures.outline_nodes(contents):
        assert node.title not in [child.title for child in node.children]


@pytest.mark.parametrize(
    "said",
    ["The House of Lords held that the promise was not binding.", "Deltas cannot grow in a storm."],
)
def test_a_name_alone_claims_nothing_and_a_statement_is_compared(said: str) -> None:
    check = PolarityCheck(spoken(said), language_of("en"))
    first, last = (0, 3) if said.startswith("The House") else (0, 0)
    words = spoken(said).utterances[0].words
    name = " ".join(word.text for word in words[first : last + 1])
    cited = Citation(start_sec=words[first].start_sec, end_sec=words[last].end_sec, quote=name)
    whole = Citation(start_sec=words[0].start_sec, end_sec=words[-1].end_sec, quote=said)
    turned = said.replace(" not ", " ").replace("cannot", "can")
    assert check.changes(OutlinePoint(text=name, citations=(cited,)), (cited,)) == ()
    assert check.changes(OutlinePoint(text=turned, citations=(whole,)), (whole,)) != ()


# --- what stands alone ---


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("en", "The ear hears them as one note."),
        ("en", "In western Europe it slowly dissolved."),
        ("en", "English law divides them into three classes."),
        ("en", "After one hour he had lost more than half."),
        ("en", "Sellers can't switch, then they do."),
        ("de", "In Europa hat er sich langsam aufgelöst."),
        ("fr", "En Europe elle a disparu lentement."),
        ("es", "En Europa ellos se disolvieron lentamente."),
        ("ru", "В Европе она постепенно исчезла."),
    ],
)
def test_a_pronoun_that_nothing_before_explains_leans_back(code: str, said: str) -> None:
    assert only(said, code).refers_back


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("en", "A hash table stores a key with its value and finds it again."),
        ("en", "A tritone is an interval, and it divides the octave in half."),
        ("en", "Joule was the son of a brewer, and he measured heat."),
        ("en", "Healthy cells carry MHC class I molecules on their surface."),
        ("de", "Ein Vulkan ist ein Berg, und er speit Feuer."),
        ("ru", "Атом мал, и он состоит из частиц."),
    ],
)
def test_a_pronoun_that_the_sentence_explains_does_not(code: str, said: str) -> None:
    sentence = only(said, code)
    assert not sentence.refers_back
    assert not sentence.is_personal


@pytest.mark.parametrize(
    ("code", "said", "is_fragment"),
    [
        ("en", "The share of income.", True),
        ("en", "Cigarettes, alcohol, petrol.", True),
        ("en", "The elasticity of supply, which is the same for sellers.", True),
        ("en", "Helper cells activate others.", False),
        ("en", "FIFO evicts the oldest page.", False),
        ("en", "Bach broke this rule very rarely.", False),
        ("de", "Der Anteil am Einkommen.", True),
        ("de", "Das Magma steigt auf.", False),
        ("fr", "La part du revenu.", True),
        ("fr", "Les cellules produisent des anticorps.", False),
    ],
)
def test_a_piece_without_a_verb_is_a_fragment(code: str, said: str, is_fragment: bool) -> None:
    assert only(said, code).is_fragment is is_fragment


def test_a_story_in_the_first_person_is_no_material() -> None:
    story = "My uncle ran a cinema near the delta and he put up the price of ice."
    texts = [text for text, _ in items(draft(spoken(RIVERS * 2 + story)).contents)]
    assert not any("uncle" in text for text in texts)


# --- housekeeping at the edges ---

HOUSEKEEPING = [
    "Somebody left a blue bottle on the radiator.",
    "The vending machine downstairs eats coins.",
    "There is a football thing in the atrium at one.",
    "Two umbrellas were found near the entrance.",
    "The heating engineer comes during the afternoon.",
]


@pytest.mark.parametrize("seed", range(5))
def test_housekeeping_between_talk_and_the_edge_is_talk(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - made-up speech
    head, tail = chance.sample(HOUSEKEEPING, 2)
    body = "".join(
        f"A {bend} {what} moves the {stuff} of the river downhill. "
        for bend in ("slow", "wide", "deep")
        for what in ("meander", "glacier", "current", "flood")
        for stuff in ("sand", "mud", "gravel")
    )
    text = f"Good morning. {head} So last time we spoke of rain. {body} That's it for today. {tail}"
    language = language_of("en")
    sentences = mark_edges(split_sentences(spoken(text), language), language)
    talk = {sentence.text for sentence in sentences if sentence.is_talk}
    assert {head, tail} <= talk
    assert not any("downhill" in each for each in talk)
    shown = [shown for shown, _ in items(draft(spoken(text)).contents)]
    assert not any(head in each or tail in each for each in shown)


# --- what a name is given to ---

DESCRIBED = [
    (
        "We choose a function that maps each key to a small integer, and we use it as an index. "
        "The function is called a hash function.",
        "What is a hash function?",
        "A function that maps each key to a small integer.",
    ),
    (
        "We choose a function that maps each key to a small integer and we use it as an index. "
        "The function is called a hash function and the array is called the table.",
        "What is a hash function?",
        "A function that maps each key to a small integer.",
    ),
    (
        "Rain fills a basin with steep walls in the upper valley. The valley is narrow there. "
        "This basin is known as a cirque, and the wall is called a headwall.",
        "What is a cirque?",
        "A basin with steep walls in the upper valley.",
    ),
]


@pytest.mark.parametrize(("text", "front", "back"), DESCRIBED)
def test_a_name_is_explained_by_the_description_of_what_is_named(
    text: str, front: str, back: str
) -> None:
    assert basic(text)[front] == back


@pytest.mark.parametrize(
    "before",
    [
        "We choose a function of it.",  # says nothing
        "They want a function that she wrote last week for her river.",  # leans on something else
        "Is a function that maps each key to a small integer enough?",  # is asked
    ],
)
def test_what_describes_nothing_is_no_definition(before: str) -> None:
    backs = basic(f"{before} The function is called a hash function.").values()
    assert not any(back.startswith("A function") for back in backs)


@pytest.mark.parametrize(
    ("text", "front"),
    [
        (
            "If we keep adding keys, however, the lists of every slot grow longer and longer.",
            "What happens if we keep adding keys?",
        ),
        (
            "If the river rises, therefore, the towns at its banks are flooded again.",
            "What happens if the river rises?",
        ),
    ],
)
def test_a_connective_is_no_part_of_a_condition(text: str, front: str) -> None:
    assert front in basic(text)


def test_a_name_ends_before_a_coordinator() -> None:
    said = (
        "We choose a function that maps each key to a small integer. Keys are hash values. "
        "The function is called a hash function and the array is called a table."
    )
    assert "What is a hash function?" in basic(said)
