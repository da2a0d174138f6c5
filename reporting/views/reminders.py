"""Those that a round waits for are reminded, after a look at the mails; and what was sent so far."""

import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import reduce
from operator import or_

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from members.models import OutgoingMail
from members.numbers import counted
from reporting import rules
from reporting.actions.reminders import remind
from reporting.board import asked_by
from reporting.forms.reminders import RemindForm
from reporting.looking import Look
from reporting.models import Reminder, Round
from reporting.reminders import Need, letter, needs
from reporting.returns import round_called

from .base import Content, acted, crumb, page
from .board import finish_words

ORGANISATION = ("organisation is", "organisations are")
LOGGED = 50
"""Reminders on a page of the log."""
TROUBLES = {
    "SMTPRecipientsRefused": "the mail server refused this address",
    "SMTPSenderRefused": "the mail server refused the site's own address",
    "SMTPAuthenticationError": "the mail server did not let the site in",
    "SMTPDataError": "the mail server did not take the mail",
    "SMTPResponseException": "the mail server did not take the mail",
}
"""The name of an error -> what happened. Any other: it could not be reached, or hung up."""


@page("reminder.send", "reminders.html", figures=False)
def reminders(request: HttpRequest, look: Look, round: str) -> Content | HttpResponse:
    """Who needs a reminder, why, and the mail to each; sending it is one click, which sends nothing twice."""
    collection = round_called(look, round)
    verdict = rules.reminding(collection, look.occasion.now)
    found = needs(collection, asked_by(look, collection), look.occasion.now) if verdict.allowed else []
    form = RemindForm(request.POST or None, initial={"once": secrets.token_hex(8)})
    content = {
        "title": title_of(collection, found),
        "round": collection,
        "refused": verdict.reason,
        "form": form,
        **listed(look, found, form),
        "crumbs": way(look, collection),
    }
    if request.method != "POST":
        return content
    if "look" in request.POST and form.is_valid():
        return content
    return acted(form, content, lambda: send(request, look, collection, form))


def send(request: HttpRequest, look: Look, collection: Round, form: RemindForm) -> HttpResponse:
    written = {"once": form.cleaned_data["once"], "word": form.cleaned_data["word"]}
    done = remind(collection=collection, chosen=form.chosen(), by=look.user, now=look.occasion.now, **written)
    if not done.now:
        messages.info(request, "These reminders were sent before. Nothing was sent again.")
    else:
        people = counted(done.people, "person gets", "people get")
        messages.success(request, f"{counted(len(done.now), *ORGANISATION)} reminded: {people} a mail.")
    return redirect("reminders_sent", look.occasion.plan.code, collection.code)


def way(look: Look, collection: Round) -> list[dict[str, str]]:
    return [crumb(look, "rounds", "Reporting"), crumb(look, "board", collection.title, collection.code)]


def title_of(collection: Round, found: Collection[Need]) -> str:
    """Those whom no mail reaches are said apart, and not counted."""
    if not found:
        return f"Nobody needs a reminder: {collection.title}"
    reached = sum(bool(need.people) for need in found)
    if not reached:
        return f"No mail reaches those who need a reminder: {collection.title}"
    return f"{counted(reached, 'organisation', 'organisations')} to remind: {collection.title}"


def listed(look: Look, found: Iterable[Need], form: RemindForm) -> Content:
    """The organisations with the mails to their people; those without any stand apart, as no mail reaches them."""
    ticked = form.chosen() if form.is_bound else None
    word = " ".join(str(form.data.get("word", "")).split())[:500]
    rows: list[Content] = [
        {
            "need": need,
            "why": "; ".join(need.reasons()),
            "letters": [letter(need, user, word) for user in need.people],
            "reminded": said_when(need.reminded, look),
            "ticked": not need.lately(look.occasion.now) if ticked is None else need.organisation.code in ticked,
        }
        for need in found
    ]
    reached = [row for row in rows if row["letters"]]
    names = (row["need"].organisation.name for row in rows if not row["letters"])
    unreached = sorted(names, key=str.casefold)
    return {"rows": reached, "unreached": unreached, "reach": finish_words(len(reached), len(unreached))}


def said_when(moment: datetime | None, look: Look) -> str:
    return f"{moment.astimezone(look.time_zone):%d.%m.%y, %H:%M}" if moment else ""


# ---------------------------------------------------------------- what was sent so far


@page("reminder.send", "reminders_sent.html", figures=False)
def log(request: HttpRequest, look: Look, round: str) -> Content:
    """The reminders of a round, the latest first, with what became of each mail."""
    collection = round_called(look, round)
    sent = Reminder.objects.filter(submission__round=collection)
    found = Paginator(sent.select_related("submission__organisation", "sent_by"), LOGGED)
    part = found.get_page(request.GET.get("page"))
    mails = mails_of(part.object_list)
    many = counted(found.count, "reminder was", "reminders were")
    return {
        "title": f"{many if found.count else 'No reminder was'} sent: {collection.title}",
        "round": collection,
        "rows": [
            {"reminder": each, "when": said_when(each.sent_at, look), "mails": [*map(fate, mails.get(each.pk, ()))]}
            for each in part
        ],
        "part": part,
        "crumbs": [*way(look, collection), crumb(look, "reminders", "Reminders", collection.code)],
    }


def mails_of(sent: Iterable[Reminder]) -> Mapping[int, list[OutgoingMail]]:
    """Reminder -> its mails, as the outbox has them, in one query."""
    keys = {each.mail_key: each.pk for each in sent}
    found: dict[int, list[OutgoingMail]] = defaultdict(list)
    begins = reduce(or_, (Q(key__startswith=key) for key in keys), Q(pk=None))
    for mail in OutgoingMail.objects.filter(begins).defer("text").order_by("to"):
        found[keys[mail.key[: mail.key.rindex("/") + 1]]].append(mail)
    return found


def fate(mail: OutgoingMail) -> str:
    """What became of a mail, in words."""
    if mail.sent_at:
        return f"{mail.to}: sent"
    if mail.claimed_at:
        return f"{mail.to}: nobody knows whether it arrived; it is not sent again by itself"
    if mail.last_error:
        name = mail.last_error.partition(":")[0]
        return f"{mail.to}: waits, {TROUBLES.get(name, 'the mail server could not be reached')} ({mail.last_error})"
    return f"{mail.to}: waits to be sent"
