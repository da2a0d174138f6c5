"""The setting of a plan that decides whether Members see each other by name."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from reporting.actions.naming import set_naming
from reporting.forms.words import NamingForm
from reporting.looking import Look

from .base import Content, acted, crumb, page

SCREENS = (
    "It holds for every document that is made from now on, and for the data and the pages of a release: each says of "
    "each Member where it stands, or only how many Members stand there. The scorecard of a Member and its own page "
    "always tell of that Member, and the secretariat sees all names on its pages, a co-coordinator those of its focus "
    "area. The register of activities and arrangements says who took part. A release keeps what held when it was "
    "published."
)
READ_THEM = (
    "Where no Member is named, the names of Members and their codes of three letters are taken out of comments, "
    "narratives, notes and titles. Other words may still say who a Member is: its capital, its people, a code of two "
    "letters. So a person must read what people wrote before each release."
)


@page("release.publish", "form.html", figures=False)
def naming(request: HttpRequest, look: Look) -> Content | HttpResponse:
    plan = look.occasion.plan
    form = NamingForm(request.POST or None, initial={"named": plan.members_named, "seen": plan.members_named})
    content = {
        "title": "Members see each other " + ("by name" if plan.members_named else "only as how many"),
        "intro": SCREENS,
        "note": READ_THEM,
        "form": form,
        "action": "Save",
        "cancel": reverse("documents", args=[plan.code]),
        "crumbs": [crumb(look, "documents", "Documents")],
    }
    if request.method != "POST":
        return content

    def act() -> HttpResponse:
        set_naming(plan=plan, by=look.user, **form.says)
        messages.success(request, "Saved. It holds for documents and releases that are made from now on.")
        return redirect("documents", plan.code)

    return acted(form, content, act)
