"""Whoever is signed out while they fill in a form, of whatever page, gets back what they typed."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from reporting.models import Activity

from .looks import page_of
from .region import PLAN

TYPED = {
    "title": "A <b>workshop</b> on valuation",
    "part-0-organisation": "FJI",
    "part-0-participants": "12",
    "kpi-1-items": "3",
    "y2026-comment": "Two\nlines",
}
CARRIED = {
    "csrfmiddlewaretoken": "CARRIED-1", "token": "CARRIED-2", "seen": "CARRIED-3", "part-TOTAL_FORMS": "CARRIED-4",
    "reference": "CARRIED-5", "y2026-token": "CARRIED-6", "answer": "CARRIED-7", "accept": "CARRIED-8",
    "password": "CARRIED-9", "end": " ", "comment": "  ",
}  # fmt: skip


def texts(html: str) -> dict[str, str]:
    """The name of each field that is shown, and what stands in it."""
    found = re.findall(r"<label[^>]*>([^<]*)</label><textarea[^>]*readonly>\r?\n(.*?)</textarea>", html, re.S)
    return dict(found)


@pytest.mark.parametrize("name", ["activity_add", "arrangement_add", "round_new", "release_new"])
@pytest.mark.parametrize("strict", [False, True], ids=["signed out", "signed in anew"])
def test_all_that_was_typed_is_shown_and_nothing_that_the_form_carried(world, name, strict):
    path, many = reverse(name, args=(PLAN,)), Activity.objects.count()
    client = Client(enforce_csrf_checks=strict)
    if strict:
        client.force_login(world.people.ada)
    page = page_of(client.post(path, TYPED | CARRIED))
    assert (page.status, page.heading) == (403, "Your text is not saved")
    assert texts(page.html) == {
        "Title": "A &lt;b&gt;workshop&lt;/b&gt; on valuation",
        "Organisation, row 1": "FJI",
        "Participants, row 1": "12",
        "Items, row 2": "3",
        "Comment, 2026/27": "Two\nlines",
    }
    assert ("CARRIED" in page.html, Activity.objects.count()) == (False, many)
    assert f'href="{path}"' in page.html


def test_who_only_reads_is_sent_to_sign_in(world, client):
    path = reverse("activity_add", args=(PLAN,))
    assert page_of(client.get(path)).location == f"/accounts/login/?next={path}"
