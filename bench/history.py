"""A history of a million entries, properly linked, behind the usual data; and what a look at it costs."""

import json
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.urls import reverse

from members.chain import Head, digest_after, fingerprint, head
from members.models import AuditEntry, AuditLink
from members.verifying import verify
from reporting.models import Activity, Answer

from .bulk import insert
from .data import Site, at

CHUNK = 50_000
BUSY = 100
"""Every so many entries one is about the same activity: of a million, ten thousand."""
Said = dict[str, Any]


def fill(site: Site, many: int) -> Activity:
    """Adds so many entries: about answers, each with some ten, and about one activity that is never left alone."""
    busy = Activity.objects.order_by("pk")[0]
    answers = list(Answer.objects.select_related("round", "organisation", "kpi").order_by("pk")[: many // 10 or 1])
    rows = entries(site, busy, answers, many)
    number = (AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    while chunk := list(islice(rows, CHUNK)):
        with transaction.atomic():
            store(chunk, number)
        number += len(chunk)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    return busy


def entries(site: Site, busy: Activity, answers: list[Answer], many: int) -> Iterator[Said]:
    start = at(site.rounds[0].as_at) - timedelta(days=365)
    places = [(answer.in_history, answer.kpi.code) for answer in answers]
    people = ((site.administrator.email, site.administrator.name), (site.contributor.email, site.contributor.name))
    for number in range(many):
        email, name = people[number % 2]
        place, _ = places[number % len(places)]
        said = {
            "at": start + timedelta(seconds=40 * number, microseconds=number),
            "actor_email": email,
            "actor_name": name,
            "action": ("changed", "submitted", "accepted")[number % 3],
            "object_type": "reporting.answer",
            "object_key": place.key,
            "object_label": place.label,
            "about": place.about,
            "only_for": "",
            "changes": {"standing": ["planned", "in_place"], "comment": ["", f"As stated in letter {number}."]},
            "reason": "",
        }
        if number % BUSY == 0:
            about = {"object_type": "reporting.activity", "object_key": busy.reference, "object_label": str(busy)}
            said |= {**about, "about": f"reporting.activity/{busy.reference}"}
            said["changes"] = {"title": ["Meeting", f"Meeting {number}"]}
        yield said


def store(chunk: list[Said], first: int) -> None:
    """As ``record_all`` stores them, many times faster. PostgreSQL links them itself."""
    prints = [fingerprint(said) for said in chunk]
    columns = ["id", *chunk[0], "fingerprint"]
    insert(AuditEntry, columns, (row(first + n, said, prints[n]) for n, said in enumerate(chunk)))
    if connection.vendor != "postgresql":
        insert(AuditLink, ["number", "entry_id", "digest"], links(first, prints))


def row(pk: int, said: Said, made: str) -> tuple[Any, ...]:
    written = said | {
        "at": connection.ops.adapt_datetimefield_value(said["at"]),
        "changes": json.dumps(said["changes"]),
    }
    return (pk, *written.values(), made)


def links(first: int, prints: Iterable[str]) -> Iterator[tuple[int, int, str]]:
    last = head() or Head(0, "")
    digest = last.digest
    for n, made in enumerate(prints):
        digest = digest_after(digest, made)
        yield last.number + 1 + n, first + n, digest


def looks(site: Site, busy: Activity) -> dict[str, tuple[str, bool]]:
    """Pages: the address, and whether it is the page of an object."""
    answer = Answer.objects.select_related("round__plan", "organisation", "kpi").order_by("pk")[0]
    of_answer = (answer.round.plan.code, answer.round.code, answer.organisation.code)
    plan = answer.round.plan.code
    return {
        "an activity with many entries": (reverse("activity", args=(plan, busy.pk)), True),
        "the versions of an answer": (reverse("return_versions", args=(*of_answer, answer.kpi.code)), True),
        "a person": (reverse("person", args=(site.contributor.pk,)), True),
        "the log": (reverse("history"), False),
        "the log, its last page": (reverse("history") + "?page=200", False),
        "the log, words that are rare": (reverse("history") + "?q=zebra", False),
        "the log, words that are common": (reverse("history") + "?q=1.1.1&kind=answer", False),
    }


def timed(page: Any, times: int) -> tuple[float, float]:
    """In milliseconds, the fastest of each: on the clock, and the CPU of this process, which other work disturbs less.
    (A database server's is not in it.)"""
    page.get()
    runs = []
    for _ in range(times):
        cpu = time.process_time()
        runs.append((page.timed() * 1000, (time.process_time() - cpu) * 1000))
    clock, cpus = zip(*runs, strict=True)
    return min(clock), min(cpus)


def seconds_to_verify() -> float:
    before = time.monotonic()
    found = verify()
    if found.wrong:
        raise AssertionError(found.faults)
    return time.monotonic() - before
