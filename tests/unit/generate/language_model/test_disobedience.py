"""A model may keep to nothing that a preset says; what is stored keeps to all of it."""

from typing import get_args

import openai
import pytest

from functions.generate.drafts import Draft
from functions.generate.grounding.grounding import GroundedDraft, ground
from functions.generate.grounding.limits import violations
from functions.generate.providers.chat.openai_compatible import OpenAICompatible
from functions.generate.providers.language_model.provider import LanguageModelProvider
from shared.documents.artifacts import ArtifactType, BulletRole
from shared.presets import QuestionKind, list_presets
from tests.support.lectures.writing_model import WritingModel
from tests.support.tiers import QUICK_PRESETS, slow_but
from tests.unit.generate.language_model.chat_server import Json, serving
from tests.unit.generate.lectures import lecture, request

pytestmark = pytest.mark.heavy

TRANSCRIPT = lecture("hashing-1")
ROLES = get_args(BulletRole)
MANY = 50
"""Of each kind of item: more than any preset wants."""

every_preset = pytest.mark.parametrize(
    "preset", slow_but(QUICK_PRESETS, (preset.id for preset in list_presets()))
)


def long(point: Json) -> Json:
    """The same in one sentence that no preset allows."""
    words = point["evidence"][0]["quote"].replace(".", "").split()
    return {**point, "text": " ".join((words * MANY)[:MANY])}


def breaking_every_limit(form: str, answer: Json) -> Json:
    match form:
        case "WireSummary":
            bullet = answer["sections"][0]["bullets"][0]
            short = {**bullet, "text": bullet["text"].rstrip(".")}
            whole = [{**short, "role": role} for role in reversed(ROLES)]
            half = [{**(long(short) if r == "critique" else short), "role": r} for r in ROLES]
            sections = [{"title": " ", "bullets": bullets} for bullets in (whole * 3, half)]
            overview = long({**short, "evidence": answer["overviewEvidence"]})["text"]
            return {**answer, "overview": overview, "sections": sections * MANY}
        case "WireOutline":
            points = answer["chapters"][0]["points"]
            points = [long(points[0]), *points] * 3
            full, bare = [1, 2, 3, 4, 5, 3], [1, 2]
            chapters = [{"title": "", "level": level, "points": points} for level in full + bare]
            chapters[len(full)]["points"] = []
            return {"chapters": chapters * MANY}
        case "WireTerms":
            first = answer["terms"][0]
            return {"terms": [{**first, "term": f"term {'x' * (n + 1)}"} for n in range(MANY)]}
        case "WireCards":
            first = answer["cards"][0]
            asked = [f"What was said about matter {'x' * (n + 1)}?" for n in range(MANY)]
            return {"cards": [{**first, "about": front, "front": front} for front in asked]}
        case "WireQuestions":
            first = answer["questions"][0]
            answers: dict[QuestionKind, Json] = {
                "multiple-choice": {"answer": "A", "options": ["A", "B"]},
                "true-false": {"answer": "True", "question": first["answer"]},
                "short-answer": {},
                "essay": {},
            }
            return {
                "questions": [
                    {**first, **more, "kind": kind, "explanation": f"It is {n * 'x'}."}
                    for n in range(1, MANY + 1)
                    for kind, more in answers.items()
                ]
            }
    return answer


def stubborn(form: str, answer: Json) -> Json:
    if form == "RepairedPoints":
        return {"items": [long(item) for item in answer["items"]]}
    return breaking_every_limit(form, answer)


def made(model: WritingModel, preset: str) -> tuple[Draft, GroundedDraft]:
    asked = request(TRANSCRIPT, preset)
    with (
        serving(model) as server,
        openai.OpenAI(api_key="sk", base_url=server.url, timeout=10, max_retries=0) as client,
    ):
        provider = LanguageModelProvider(OpenAICompatible(client, model="gpt-5-mini"))
        draft = provider.generate(asked)
        return draft, ground(draft, asked, provider)


@every_preset
def test_what_breaks_a_limit_is_written_again(preset: str) -> None:
    draft, grounded = made(WritingModel(breaking_every_limit), preset)
    wanted = request(TRANSCRIPT, preset).preset
    assert violations(draft.contents, wanted) != ()
    assert violations(grounded.contents, wanted) == ()
    for kind in (ArtifactType.SUMMARY, ArtifactType.OUTLINE):
        assert grounding_of(grounded, kind) == (True, False)


@every_preset
def test_what_breaks_it_again_is_left_out(preset: str) -> None:
    _, grounded = made(WritingModel(stubborn), preset)
    assert violations(grounded.contents, request(TRANSCRIPT, preset).preset) == ()
    for kind in (ArtifactType.SUMMARY, ArtifactType.OUTLINE):
        assert grounding_of(grounded, kind) == (False, True)
    assert grounded.contents.summary.sections
    assert grounded.contents.outline.nodes


def grounding_of(grounded: GroundedDraft, kind: ArtifactType) -> tuple[bool, bool]:
    """Whether anything was repaired, and whether anything was dropped."""
    grounding = grounded.grounding[kind]
    return grounding.repaired > 0, grounding.dropped > 0


@every_preset
def test_as_much_is_kept_as_the_preset_wants(preset: str) -> None:
    contents = made(WritingModel(breaking_every_limit), preset)[1].contents
    wanted = request(TRANSCRIPT, preset).preset
    assert len(contents.summary.sections) == len(contents.outline.nodes) == wanted.summary_sections
    assert len(contents.key_terms.terms) == wanted.key_terms
    assert len(contents.flashcards.cards) == wanted.flashcards
    asked = [question.kind for question in contents.exam_questions.questions]
    assert {kind: asked.count(kind) for kind in asked} == wanted.question_counts
    levels = [contents.outline.nodes[0]]
    while levels[-1].children:
        levels.append(levels[-1].children[0])
    assert len(levels) == wanted.outline_depth
    assert {len(chapter.points) for chapter in levels} == {wanted.bullets_per_section}


def test_what_has_no_title_is_called_by_its_first_point() -> None:
    contents = made(WritingModel(breaking_every_limit), "exam")[1].contents
    section, (chapter, bare, *_) = contents.summary.sections[0], contents.outline.nodes
    assert section.title == section.bullets[0].text
    assert chapter.title == chapter.points[0].text
    assert bare.title == bare.children[0].title == bare.children[0].points[0].text
