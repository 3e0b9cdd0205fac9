"""Licences of dependencies: what is allowed, and what fails the check."""

import pytest

from scripts.licences import EXCEPTED, allowed, licence_of, main, problems


@pytest.mark.parametrize(
    ("expression", "is_allowed"),
    [
        ("MIT", True),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", True),
        ("GPL-3.0-only OR MIT", True),
        ("GPL-3.0-only AND MIT", False),
        ("MIT AND (GPL-3.0-only OR AGPL-3.0-only)", False),
        ("(MIT OR GPL-3.0-only) AND BSD-3-Clause", True),
        ("GPL-2.0-only WITH Classpath-exception-2.0", False),
        ("Proprietary", False),
        ("(MIT", False),
        ("MIT)", False),
        ("MIT OR", False),
        ("", False),
    ],
)
def test_an_expression_is_allowed_if_a_choice_of_it_is(expression: str, is_allowed: bool) -> None:
    assert allowed(expression) is is_allowed


@pytest.mark.parametrize(
    ("expression", "classifiers", "text", "licence"),
    [
        ("MIT", ["BSD License"], "GPL", "MIT"),
        ("", ["MIT License"], "", "MIT"),
        ("", [], "Apache License, Version 2.0", "Apache-2.0"),
        ("", ["MIT License", "Apache Software License"], "MIT OR Apache-2.0", "MIT OR Apache-2.0"),
        ("", ["MIT License"], "A text of\nmany lines", "MIT"),
        ("", [], "Ask us", "Ask us"),
        ("", [], "", ""),
    ],
)
def test_a_licence_is_read_from_whatever_tells_it(
    expression: str, classifiers: list[str], text: str, licence: str
) -> None:
    assert licence_of(expression, classifiers, text) == licence


KNOWN = {name: each.told for name, each in EXCEPTED.items()}


@pytest.mark.parametrize("licence", ["GPL-3.0-only", "Ask us", ""])
def test_what_is_not_allowed_is_a_problem(licence: str) -> None:
    [problem] = problems({**KNOWN, "new": licence}, deployed=set())

    assert problem.startswith("new: ")


def test_what_is_excepted_is_for_its_licence_and_its_place_alone() -> None:
    assert list(problems(KNOWN, deployed={"frozendict"})) == []
    [deployed] = problems(KNOWN, deployed={"anki"})
    assert deployed.startswith("anki: AGPL-3.0-or-later may not be deployed")
    [changed] = problems({**KNOWN, "frozendict": "GPL-3.0-only"}, deployed=set())
    assert changed.startswith("frozendict: its licence was")
    [unneeded] = problems({k: v for k, v in KNOWN.items() if k != "anki"}, deployed=set())
    assert unneeded == "anki: excepted, and no dependency"


def test_the_dependencies_that_there_are_pass(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0, capsys.readouterr().err
