"""Pages for the operator name what there is: files, tests, functions, and who may do what."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.local.access import Kind, load_grants
from scripts.simulation.__main__ import PAGE
from shared.topology import load_topology

DOCS = PAGE.parent
TERRAFORM = DOCS.parent / "terraform"
TOPOLOGY = load_topology()
LINK = re.compile(r"\[[^\]]+\]\((?!https?:)([^)#\s]*)(#[^)\s]+)?\)")
CLAIM = re.compile(r"\[[^\]]+\]\(([^)#\s]+\.(?:py|hcl))\)\s+`(\w+)`")
MERMAID = re.compile(r"```mermaid\n(.*?)```", re.DOTALL)


def text_of(page: str) -> str:
    return (DOCS / page).read_text()


FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
ROOT = DOCS.parent
PAGES = sorted(
    page
    for pattern in ("*.md", "docs/**/*.md", "functions/**/*.md", "terraform/*.md")
    for page in ROOT.glob(pattern)
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target, anchor in LINK.findall(FENCED.sub("", page.read_text())):
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), target
        if anchor and file.suffix == ".md":
            assert anchor[1:] in {_anchor(line) for line in _headings(file)}, target + anchor


def test_every_page_is_on_an_index() -> None:
    """The index of the documents, or that of the decisions."""
    listed = {
        (index.parent / target).resolve()
        for index in (DOCS / "README.md", DOCS / "decisions" / "README.md")
        for target, _ in LINK.findall(index.read_text())
    }
    indexes = {DOCS / "README.md", DOCS / "decisions" / "README.md"}
    assert {page.resolve() for page in DOCS.glob("**/*.md")} - listed - indexes == set()


def _headings(file: Path) -> Iterator[str]:
    yield from re.findall(r"^#+ (.+)$", file.read_text(), re.MULTILINE)


def _anchor(heading: str) -> str:
    """As GitHub makes them."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_what_a_claim_names_is_in_the_file_it_names() -> None:
    claims = CLAIM.findall(text_of("security.md"))
    assert len(claims) > 12
    for target, name in claims:
        assert re.search(rf"\b{name}\b", (DOCS / target).read_text()), (target, name)


def test_every_claim_of_the_security_page_names_who_holds_it() -> None:
    before, after = text_of("security.md").split("## What is not defended")
    claims = re.split(r"^- ", re.sub(r"^#.*$", "", before, flags=re.MULTILINE), flags=re.MULTILINE)
    for claim in claims[1:]:
        assert LINK.search(claim), claim
    assert not LINK.search(after.split("## Reporting")[0])


# --- the table of who may do what ---


def _column(number: int) -> dict[str, list[str]]:
    """By function, of the table whose rows begin with a function's name."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text_of("security.md").splitlines()
        if re.match(r"\| `[a-z-]+` \|", line)
    ]
    return {
        row[0].strip("`"): [] if row[number] == "–" else row[number].split(", ") for row in rows
    }


GRANTS = load_grants()


@pytest.mark.parametrize(
    ("column", "kind"), [(2, "reads"), (3, "creates"), (4, "deletes"), (5, "publishes")]
)
def test_who_may_do_what_is_as_terraform_grants_it(column: int, kind: Kind) -> None:
    shown = _column(column)
    assert set(shown) == set(TOPOLOGY.functions) == set(GRANTS)
    for function, allowed in shown.items():
        assert tuple(allowed) == GRANTS[function].of(kind), function


def test_who_calls_what_is_as_the_topology_has_it() -> None:
    callers = {
        "anyone": {name for name, each in TOPOLOGY.functions.items() if each.public},
        "Pub/Sub": {each.function for each in TOPOLOGY.subscriptions.values()},
        "Cloud Tasks": {each.function for each in TOPOLOGY.queues.values()},
        "Cloud Scheduler": {each.function for each in TOPOLOGY.schedules.values()},
    }
    for function, shown in _column(1).items():
        assert set(shown) == {who for who, called in callers.items() if function in called}


def test_who_makes_tasks_and_who_has_a_secret_is_as_terraform_grants_it() -> None:
    page = " ".join(text_of("security.md").split())
    makers = sorted((name for name, row in GRANTS.items() if row.enqueues), reverse=True)
    assert f"Tasks are made by `{makers[0]}` and `{makers[1]}`" in page
    assert len(makers) == 2
    secrets = (TERRAFORM / "secrets.tf").read_text()
    assert re.findall(r"(\w+)_functions += (\[.+\])", secrets) == [
        ("llm", '["generate"]'),
        ("transcribe", '["transcribe", "transcribe-on-segment"]'),
    ]
    assert re.findall(r'"PLC_WRITE_API_TOKEN", functions = (.+?) }', secrets) == ['["ingest-api"]']
    assert "`generate` alone is given the model's key, `ingest-api` alone the static token" in page
    assert "`transcribe` and `transcribe-on-segment` a hosted recognizer's" in page


# --- diagrams ---


def test_the_flow_is_that_of_the_topology() -> None:
    flow = MERMAID.findall(text_of("architecture.md"))[0]
    names = set(re.findall(r"\b[a-z]+(?:-[a-z]+)*\b", flow))
    assert set(TOPOLOGY.functions) <= names
    for subscription in TOPOLOGY.subscriptions.values():
        assert re.search(
            rf"topic {subscription.topic}\b.*--> {subscription.function}$", flow, re.MULTILINE
        ) or re.search(
            rf'topic {subscription.topic}"/\] --> {subscription.function}$', flow, re.MULTILINE
        ), subscription.topic
    for name, queue in TOPOLOGY.queues.items():
        assert re.search(rf'"queue {name}" --> {queue.function}$', flow, re.MULTILINE)
    for schedule in TOPOLOGY.schedules.values():
        assert re.search(rf"clock.* --> {schedule.function}$", flow, re.MULTILINE)


@pytest.mark.parametrize("page", ["architecture.md", "security.md"])
def test_diagrams_name_no_function_that_is_not_there(page: str) -> None:
    for diagram in MERMAID.findall(text_of(page)):
        stages = "|".join(sorted({each.stage for each in TOPOLOGY.functions.values()}))
        named = set(re.findall(rf"\b(?:{stages})(?:-[a-z]+)+\b", diagram))
        assert named <= set(TOPOLOGY.functions)


@pytest.mark.parametrize("page", ["architecture.md", "security.md"])
def test_diagrams_are_of_a_kind_that_is_drawn_and_their_brackets_close(page: str) -> None:
    for diagram in MERMAID.findall(text_of(page)):
        assert re.match(r"(flowchart (LR|TD)|sequenceDiagram)\n", diagram)
        for opening, closing in ("()", "[]"):
            assert diagram.count(opening) == diagram.count(closing)
        assert diagram.count('"') % 2 == 0
        opened = len(re.findall(r"^\s*subgraph ", diagram, re.MULTILINE))
        assert len(re.findall(r"^\s*end$", diagram, re.MULTILINE)) == opened
