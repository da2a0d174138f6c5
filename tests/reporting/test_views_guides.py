"""The guides: the same text in docs/ and as pages."""

import pytest
from django.conf import settings
from django.urls import reverse

from .looks import page_of
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
