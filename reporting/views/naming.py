"""The setting of a plan that decides whether documents name Members."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from reporting.actions.naming import set_naming
from reporting.forms.words import NamingForm
from reporting.looking import Look

from .base import Content, acted, crumb, page

SCREENS = (
    "This setting is of documents and data alone. The pages of this site still name Members to everybody who may see "
    "them."
)
READ_THEM = (
    "Where documents name no Member, the names of Members and their codes of three letters are taken out of comments, "
    "narratives, notes and titles. Other words may still say who a Member is: its capital, its people, a code of two "
    "letters. So a person must read what people wrote before each release."
)


@page("release.publish", "form.html", figures=False)
def naming(request: HttpRequest, look: Look) -> Content | HttpResponse:
    plan = look.occasion.plan
    form = NamingForm(request.POST or None, initial={"named": plan.members_named, "seen": plan.members_named})
    content = {
        "title": f"Documents {'name Members' if plan.members_named else 'say only how many Members'}",
        "intro": "It holds for every document that is made from now on, and for the data of a release: each says of "
        "each Member where it stands, or only how many Members stand there. The scorecard of a Member always tells of "
        f"that Member. A release keeps what held when it was published. {SCREENS}",
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
        messages.success(request, "Saved. It holds for documents that are made from now on.")
        return redirect("documents", plan.code)

    return acted(form, content, act)
