"""The guides: the same text in docs/, as pages and beside forms; what they quote stands on the pages."""

import ast
import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.urls import reverse

from reporting.returns import STATE_WORDS
from reporting.views.guides import ASKED, NEEDS, help_beside, section, text_of
from workplan.choices import Source

from .looks import page_of, words
from .region import PLAN, ROLES


def guide(client, whom: str):
    return page_of(client.get(reverse("guide", args=(PLAN, whom))))


@pytest.mark.parametrize("name", ROLES)
def test_everybody_reads_how_a_return_is_filled_in(world, sign_in, name):
    page = guide(sign_in(world.people[name]), "members")
    assert page.heading == "Guide for Members: your return"
    source = (settings.BASE_DIR / "docs" / "guide-members.md").read_text(encoding="utf-8")
    headings = [line.removeprefix("## ") for line in source.splitlines() if line.startswith("## ")]
    assert all(heading in page.main for heading in headings)


@pytest.mark.parametrize("name", ROLES)
def test_the_secretariat_has_its_own(world, sign_in, name):
    assert guide(sign_in(world.people[name]), "secretariat").status == (200 if name in ("ada", "ed") else 403)


def test_there_is_no_other(world, sign_in):
    assert guide(sign_in(world.people.ada), "nobody").status == 404


def test_a_stranger_is_sent_to_sign_in(world, client):
    assert guide(client, "members").status == 302


# ---------------------------------------------------------------- what the guides quote

GUIDES = {whom: (settings.BASE_DIR / "docs" / f"guide-{whom}.md").read_text(encoding="utf-8") for whom in NEEDS}
QUOTED = re.compile(r'\*\*(.+?)\*\*|"(.+?)"', re.S)
MARKUP = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}|<[^>]*>", re.S)


def in_templates() -> Iterator[str]:
    """Every piece of text that stands between tags."""
    for path in (settings.BASE_DIR / "templates").rglob("*.html"):
        yield from MARKUP.sub("\0", path.read_text(encoding="utf-8")).split("\0")


def in_python() -> Iterator[str]:
    """Every text of the sources that is no docstring, and of f-strings what stands between the braces."""
    for app in ("members", "workplan", "reporting"):
        for path in (settings.BASE_DIR / app).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            docstrings = {id(each.value) for each in ast.walk(tree) if isinstance(each, ast.Expr)}
            texts = (each for each in ast.walk(tree) if isinstance(each, ast.Constant) and id(each) not in docstrings)
            yield from (each.value for each in texts if isinstance(each.value, str))


def in_scripts() -> Iterator[str]:
    yield from re.findall(r'"([^"]*)"', (settings.BASE_DIR / "static" / "js" / "rsp.js").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def on_pages() -> set[str]:
    return {words(each) for each in (*in_templates(), *in_python(), *in_scripts())}


def quotes(text: str) -> set[str]:
    return {words(bold or quoted) for bold, quoted in QUOTED.findall(text)}


@pytest.mark.parametrize("quote", sorted(quotes("".join(GUIDES.values()))))
def test_what_a_guide_quotes_stands_on_a_page_word_for_word(on_pages, quote):
    assert quote in on_pages


def test_what_stands_nowhere_is_noticed(on_pages):
    text = 'Press **Send it\nto them**, **Save draft**, or read "Not answered" and "All is right".'
    assert {each for each in quotes(text) if each not in on_pages} == {"Send it to them", "All is right"}


def test_the_states_are_those_of_the_task_list():
    table = re.findall(r"^\| ([^|]+) \| [^|]+ \|$", GUIDES["members"], re.M)
    assert set(table) - {"State"} == set(STATE_WORDS.values())


# ---------------------------------------------------------------- help beside the form


@pytest.mark.parametrize("whom", GUIDES)
def test_a_section_is_found_by_its_heading(whom):
    headings = [line.lstrip("# ") for line in GUIDES[whom].splitlines() if line.startswith("##")]
    assert len(headings) == len(set(headings))
    text = words(text_of(whom)[1])
    assert all(words(section(whom, heading)) in text for heading in headings)


def test_a_section_ends_at_the_next_heading():
    found = words(section("members", "Yes or no"))
    assert found.startswith("Choose Yes if your administration took part")
    assert found.endswith("Without an answer nobody takes it for a no.")


@pytest.mark.parametrize("source", Source)
def test_help_for_each_kind_of_question_is_short_and_from_the_guide(source):
    found = help_beside(source, repeats=True, returned=True)
    assert [heading for heading, _ in found] == [
        "If an answer comes back", ASKED[source], "Unchanged", "Not applicable", "Comment and evidence",
        "Saved by itself",
    ]  # fmt: skip
    assert all(text and words(text) in words(text_of("members")[1]) for _, text in found)
    assert len("".join(text for _, text in found).encode()) < 3000
    assert [heading for heading, _ in help_beside(source, repeats=False, returned=False)] == [
        ASKED[source], "Not applicable", "Comment and evidence", "Saved by itself",
    ]  # fmt: skip
