"""Exam questions of the kinds a preset asks for, from what was said alone."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import islice

from functions.generate.grounding.checks import gist, is_sound_question
from functions.generate.providers.extractive.analysis import Analysis
from functions.generate.providers.extractive.text.passages import Passage, cite, passages
from functions.generate.providers.extractive.text.places import Term
from functions.generate.providers.extractive.text.rhetorical import answered_questions
from functions.generate.providers.extractive.writing.asking.concise import Answer, concise
from functions.generate.providers.extractive.writing.asking.differences import differences
from functions.generate.providers.extractive.writing.asking.gaps import gaps
from functions.generate.providers.extractive.writing.asking.multiple_choice import multiple_choice
from functions.generate.providers.extractive.writing.asking.relations import relations
from functions.generate.providers.extractive.writing.asking.true_false import true_false
from functions.generate.providers.extractive.writing.wording import ask_at, ask_what, is_asked_for
from shared.documents.artifacts import ExamQuestion, ExamQuestionsContent
from shared.presets import Preset, QuestionKind

ESSAY_POINTS = 4
MEANING_WORDS = 32
RELATED = 2


def exam_questions(
    analysis: Analysis,
    preset: Preset,
    asked: Collection[tuple[str, ...]] = (),
    shown: Collection[float] = (),
) -> ExamQuestionsContent:
    """`asked`: the gists of what the flashcards ask, and `shown`: when the sentences of their gaps
    begin, neither of which is asked again in a short answer."""

    made: list[ExamQuestion] = []

    def short_answer(analysis: Analysis) -> Iterator[ExamQuestion]:
        fresh = (q for q in _short_answer(analysis) if gist(q.question) not in asked)
        yield from fresh
        told = {citation.start_sec for each in made for citation in each.citations}
        yield from gaps(analysis, told.union(shown))

    makers: Mapping[QuestionKind, Callable[[Analysis], Iterator[ExamQuestion]]] = {
        "multiple-choice": multiple_choice,
        "true-false": true_false,
        "short-answer": short_answer,
        "essay": _essay,
    }
    for kind, count in preset.question_counts.items():
        made += islice(filter(is_sound_question, makers[kind](analysis)), count)
    # A few words give no wrong options and nothing to relate: then one plain question.
    return ExamQuestionsContent(questions=tuple(made) or (_what_was_said(analysis),))


def _short_answer(analysis: Analysis) -> Iterator[ExamQuestion]:
    templates = analysis.language.phrasing.templates
    for asked in answered_questions(analysis.sentences, analysis.language):
        yield ExamQuestion(
            kind="short-answer",
            question=asked.question.text,
            answer=asked.text,
            explanation=templates.because.format(
                quote=" ".join(sentence.citation.quote for sentence in asked.answer)
            ),
            marking_points=asked.points,
            citations=cite((asked.question, *asked.answer)),
        )
    for difference in differences(analysis):
        citations = tuple(c for point in difference.points for c in point.citations)
        yield ExamQuestion(
            kind="short-answer",
            question=difference.question,
            answer=" ".join(point.text for point in difference.points),
            explanation=templates.because.format(quote=" ".join(c.quote for c in citations)),
            marking_points=tuple(point.text for point in difference.points),
            citations=tuple(dict.fromkeys(citations)),
        )
    related = list(relations(analysis))
    for relation in (*related[1::2], *related[::2]):
        yield ExamQuestion(
            kind="short-answer",
            question=relation.question,
            answer=relation.answer,
            explanation=templates.because.format(quote=relation.citation.quote),
            marking_points=(relation.answer,),
            citations=(relation.citation,),
        )
    for term in sorted(analysis.terms, key=analysis.asking_rank):
        told = concise(analysis.explanations[term.stems], MEANING_WORDS, analysis.language)
        if told and is_asked_for(analysis, term):
            yield _meaning(analysis, term, told)


def _meaning(analysis: Analysis, term: Term, told: Answer) -> ExamQuestion:
    quote = " ".join(citation.quote for citation in told.citations)
    return ExamQuestion(
        kind="short-answer",
        question=ask_what(analysis, term),
        answer=told.text,
        explanation=analysis.language.phrasing.templates.because.format(quote=quote),
        marking_points=(told.text,),
        citations=told.citations,
    )


def _essay(analysis: Analysis) -> Iterator[ExamQuestion]:
    templates = analysis.language.phrasing.templates
    used: set[str] = set()
    for term in analysis.terms:
        related = [other for other in _related(analysis, term) if other.text not in used]
        points = _told(analysis, [term], ESSAY_POINTS)
        if len(points) < ESSAY_POINTS:
            points += [
                point
                for point in _told(analysis, related, ESSAY_POINTS - len(points))
                if point not in points
            ]
        if term.text in used or not related or len(points) < 2:
            continue
        used.update(about.text for about in (term, *related))
        others = [templates.quoted.format(term=other.text) for other in related]
        yield ExamQuestion(
            kind="essay",
            question=templates.discuss.format(
                term=term.text,
                others=templates.joint.format(a=others[0], b=others[1])
                if len(others) > 1
                else others[0],
            ),
            answer=" ".join(point.text for point in points),
            explanation=templates.because.format(quote=points[0].citations[0].quote),
            marking_points=tuple(point.text for point in points),
            citations=cite([s for point in points for s in point.sentences]),
        )


def _told(analysis: Analysis, terms: Sequence[Term], count: int) -> list[Passage]:
    """The best passages that speak of one of the terms."""
    indexes = {index for term in terms for index in term.sentences}
    found = [
        passage
        for passage in passages(analysis.sentences)
        if passage.stands and any(sentence.index in indexes for sentence in passage.sentences)
    ]
    return analysis.best(found, count)


def _related(analysis: Analysis, term: Term) -> list[Term]:
    """Terms said in or next to the same sentences, most often so first."""
    near = {index + step for index in term.sentences for step in (-1, 0, 1)}
    apart = [t for t in analysis.terms if set(t.stems).isdisjoint(term.stems)]
    shared = {other.stems: len(near.intersection(other.sentences)) for other in apart}
    ranked = sorted(apart, key=lambda other: -shared[other.stems])
    return [other for other in ranked if shared[other.stems]][:RELATED]


def _what_was_said(analysis: Analysis) -> ExamQuestion:
    sentence = analysis.sentences[0]
    because = analysis.language.phrasing.templates.because
    return ExamQuestion(
        kind="short-answer",
        question=ask_at(analysis, sentence),
        answer=sentence.text,
        explanation=because.format(quote=sentence.citation.quote),
        marking_points=(sentence.text,),
        citations=(sentence.citation,),
    )
