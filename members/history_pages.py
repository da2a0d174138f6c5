"""The log of all that was done, and the check that nobody altered it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from members import heads
from members.access import requires
from members.chain import Head, head
from members.exports import file_of
from members.log import Log
from members.permissions import may
from members.verifying import Verified, verify
from members.views import me

LINES = {"class": "form-control"}
CHECKED = 50_000
"""Entries that a page waits for; the command checks all."""


@requires("audit.view")
@require_safe
def history(request: HttpRequest) -> HttpResponseBase:
    by = me(request)
    listing = Log(request.GET, by)
    if file := file_of(request, listing, by=by, what="History", now=timezone.now(), notes=listing.notes):
        return file
    content = {
        "title": listing.title,
        "listing": listing,
        "empty": ("Nothing was done yet", "Every change stands here, with who made it and why."),
        "verifies": may(by, "audit.verify"),
        "head": head(),
    }
    return render(request, "history/log.html", content)


class CheckForm(forms.Form):
    heads = forms.CharField(
        label="Heads that were printed earlier",
        required=False,
        help_text="One in each line, such as “1234 ab12…”, from an export or from the command. Those of all releases "
        "are compared in any case.",
        widget=forms.Textarea(LINES | {"rows": 3}),
    )

    def clean_heads(self) -> list[Head]:
        found, wrong = [], []
        for row, line in enumerate(self.cleaned_data["heads"].splitlines(), start=1):
            try:
                found += [heads.parsed(line)] if line.strip() else []
            except ValidationError as error:
                wrong.append(f"Line {row}: {error.messages[0]}")
        if wrong:
            raise ValidationError(wrong)
        return found


@requires("audit.verify")
@require_safe
def check(request: HttpRequest) -> HttpResponse:
    """Whether anything was altered, as far as a page can wait for it."""
    form = CheckForm(request.GET if "heads" in request.GET else None)
    content: dict[str, Any] = {
        "title": "Check the history",
        "form": form,
        "crumbs": [{"href": reverse("history"), "text": "History"}],
    }
    if form.is_valid():
        last = head()
        after = max(last.number - CHECKED, 0) if last else 0
        content |= result(verify(form.cleaned_data["heads"], after), after)
    return render(request, "history/check.html", content, status=422 if form.errors else 200)


def result(found: Verified, after: int) -> dict[str, Any]:
    title = "The history is not what it was" if found.wrong else "The history is as it was written"
    return {"title": title, "found": found, "looked": after and CHECKED, "more": found.wrong - len(found.faults)}
