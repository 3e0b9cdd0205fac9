"""What is known of a language is well-formed."""

import re
from pathlib import Path

import pytest

from functions.generate.text import phrasing
from functions.generate.text.phrasing import load_phrasing

CODES = sorted(file.stem for file in Path(phrasing.__file__).parent.glob("*.json"))


@pytest.mark.parametrize("code", CODES)
def test_every_definition_pattern_is_an_expression_that_finds_a_term(code: str) -> None:
    for rule in load_phrasing(code).definitions:
        assert "term" in re.compile(rule.pattern).groupindex


@pytest.mark.parametrize("code", CODES)
def test_every_template_has_the_places_it_is_filled_in(code: str) -> None:
    templates = load_phrasing(code).templates
    places = {
        "what_is": {"term"},
        "what_are": {"term"},
        "who_was": {"term"} if templates.who_was else set(),
        "why": {"text"} if templates.why else set(),
        "what_if": {"condition"} if templates.what_if else set(),
        "consequence": {"text"},
        "differ": {"a", "b"} if templates.differ else set(),
        "which_term": {"text"},
        "fill_blank": {"text"},
        "is_it_true": {"text"},
        "what_is_said_about": {"term"},
        "what_is_said_at": {"time"},
        "what_supports": {"topic"},
        "what_opposes": {"topic"},
        "where_it_fails": {"topic"},
        "what_follows": {"topic"},
        "discuss": {"term", "others"},
        "quoted": {"term"},
        "joint": {"a", "b"},
        "because": {"quote"},
        "instead": {"right", "wrong", "quote"},
    }
    assert set(places) == set(type(templates).model_fields)
    for field, expected in places.items():
        assert set(re.findall(r"\{(\w+)\}", getattr(templates, field))) == expected


def test_a_code_that_is_no_language_is_treated_as_unknown() -> None:
    assert load_phrasing("../en") == load_phrasing("xx") == load_phrasing("neutral")
