"""The pages that are measured, and who looks at them."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin
from uuid import uuid4

from django.core.cache import caches
from django.db import connection
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from reporting.choices import AnswerStatus
from reporting.models import Activity, Answer, Arrangement, Revision
from reporting.revision import OF_DATA
from reporting.views.guides import NEEDS
from tests.members.signing_in import browser_of
from workplan.actions import begin_amendment, change_element
from workplan.choices import Kind, ReporterGroup, Source
from workplan.models import FocusArea, Kpi, Plan

from .data import PLAN, Site

ENCODINGS = {"accept-encoding": "gzip, deflate, br"}
FETCHED = re.compile(r"""<(?:link|script|img|use)\b[^>]*?\b(?:href|src)="(/[^"#?]+)""")
FETCHED_BY_STYLE = re.compile(r"""url\(["']?([^"')#]+)""")


LIST = 6
"""In c: a list of a hundred rows."""


@dataclass(frozen=True)
class Page:
    name: str
    client: Client
    path: str
    kept: bool = False
    """Whether it is kept until the data change; others are read and drawn at each look."""
    bound: float | None = None
    """In c, where it is not the one of all pages."""

    def get(self) -> Any:
        response = self.client.get(self.path)
        if response.status_code != 200:
            raise AssertionError(f"{self.path} answers {response.status_code}")
        return response

    def timed(self) -> float:
        before = time.perf_counter()
        self.get()
        return time.perf_counter() - before

    def cold(self) -> float:
        Revision.objects.filter(pk=OF_DATA).update(token=uuid4().hex)
        return self.timed()

    def empty(self) -> float:
        caches["pages"].clear()
        return self.timed()

    def queries(self) -> int:
        caches["pages"].clear()
        with CaptureQueriesContext(connection) as captured:
            self.get()
        return len(captured)


def address(name: str, *args: str) -> str:
    return reverse(name, args=[PLAN, *args])


def pages(site: Site) -> Iterator[Page]:
    """Every page once; those with figures also as somebody sees them who may see what is released only. Each person
    has just signed in, so that no page asks for the password again."""
    administrator, observer, contributor = map(browser_of, (site.administrator, site.observer, site.contributor))
    shown = figures()
    yield from (Page(name, administrator, path, kept=True) for name, path in shown.items())
    yield from (Page(f"{name}, released", observer, path, kept=True) for name, path in shown.items())
    yield from (Page(name, administrator, path, kept=True) for name, path in lists(site).items())
    yield Page("data quality", administrator, address("quality"), kept=True)
    yield Page("data quality, of a Member", contributor, address("quality"), kept=True)
    yield from (Page(name, administrator, path) for name, path in (decided_on(site) | written(site)).items())
    yield from (Page(name, administrator, path) for name, path in amended(site).items())
    yield from (Page(name, administrator, path) for name, path in searched().items())
    yield from (Page(f"{name}, of a Member", contributor, path) for name, path in searched().items())
    yield from (Page(name, administrator, path) for name, path in (registered() | people(site)).items())
    yield from (Page(name, contributor, path) for name, path in filled_in(site).items())
    yield from (Page(name, administrator, path, bound=LIST) for name, path in long_lists(site).items())
    yield Page("list of own answers", contributor, address("answers"), bound=LIST)
    yield Page("list of KPIs", administrator, address("kpis"), kept=True)


def naming_members(site: Site) -> Iterator[Page]:
    """The pages that grow with the number of Members."""
    administrator = browser_of(site.administrator)
    grows = ("board", "review queue", "reminders", "today", "review of ")
    those = decided_on(site) | searched()
    yield from (Page(name, administrator, path) for name, path in those.items() if name.startswith(grows))
    yield from (Page(name, administrator, path, bound=LIST) for name, path in long_lists(site).items())
    yield Page("data quality", administrator, address("quality"), kept=True)


def of_register(site: Site) -> Iterator[Page]:
    """What a large register weighs on: its lists, the pages of figures made of it, and the look for the same event."""
    administrator = browser_of(site.administrator)
    items = (
        Kpi.objects.filter(readings__source=Source.ACTIVITIES).order_by("position").values_list("code", flat=True)[0]
    )
    yield Page("list of activities", administrator, address("register"), bound=LIST)
    for name, path in (figures() | {f"KPI {items} (activities)": address("kpi", items)}).items():
        if name.startswith("KPI"):
            yield Page(name, administrator, path, kept=True)
    typed = "?title=Regional+workshop+numbers&start=12.10.26&end=15.10.26"
    yield Page("look for the same event while typing", administrator, address("activity_alike") + typed)


def figures() -> dict[str, str]:
    area = FocusArea.objects.annotate(n=Count("objectives__actions__milestones__kpis")).order_by("-n", "pk")[0].code
    return {
        "region overview": address("overview"),
        f"focus area {area}": address("focus_area", area),
        **{
            f"KPI {code} ({source.value})": address("kpi", code)
            for source in (Source.PARTICIPATION, Source.STATUS)
            for code in asked_of_all(source)[:1]
        },
    }


def lists(site: Site) -> dict[str, str]:
    return {
        "Member page": address("member", site.members[0].code),
        **{name: address(name.replace(" ", "_")) for name in ("work plan", "rounds", "documents")},
        **{f"guide for {whom}": address("guide", whom) for whom in NEEDS},
    }


def decided_on(site: Site) -> dict[str, str]:
    """What the secretariat works with in the last round."""
    last, status, member = site.rounds[-1].code, asked_of_all(Source.STATUS)[0], site.members[0].code
    decided = Answer.objects.filter(state=AnswerStatus.ACCEPTED, round=site.rounds[-1])
    waiting = Answer.objects.filter(state=AnswerStatus.SUBMITTED, round=site.rounds[-1])
    return {
        "board": address("board", last),
        "review queue": address("review_queue", last),
        "review of a Member": address("review_member", last, member),
        f"review of {status}": address("review_kpi", last, status),
        "return of an answer": of_answer("review_return", waiting),
        "correction of an answer": of_answer("review_correct", decided),
        "comments on an answer": of_answer("return_comments", waiting),
        "what a Member sent by e-mail": address("review_on_behalf", last, member),
        "figures": address("figures"),
        "reminders": address("reminders", last),
        "reminders sent": address("reminders_sent", last),
    }


def searched() -> dict[str, str]:
    """What somebody comes to first, and a search for a word that stands in many places."""
    return {"today": address("today"), "search": f"{address('search')}?q=a"}


def of_answer(name: str, answers: QuerySet[Answer]) -> str:
    """The address of a page about the first of these answers that has no newer version."""
    newer = Answer.objects.filter(version__gt=OuterRef("version"), plan_year=None).filter(
        submission=OuterRef("submission"), kpi=OuterRef("kpi")
    )
    found = answers.filter(~Exists(newer), plan_year=None).select_related("round", "organisation", "kpi").order_by("pk")
    answer = found[0]
    return address(name, answer.round.code, answer.organisation.code, answer.kpi.code)


def written(site: Site) -> dict[str, str]:
    """The forms of rounds, words and releases."""
    last, status = site.rounds[-1].code, asked_of_all(Source.STATUS)[0]
    return {
        "new round": address("round_new"),
        "change of a round": address("round_edit", last),
        "letting in of a Member": address("round_late", last, site.members[0].code),
        "comments of a round": address("round_words", last),
        f"comment on {status}": address("kpi_comment", last, status),
        "narrative": address("narrative", last, "1"),
        "release preview": address("release_new"),
    }


def amended(site: Site) -> dict[str, str]:
    """The versions of the plan, and a draft that moves a figure."""
    plan, code = Plan.objects.get(code=PLAN), asked_of_all(Source.STATUS)[0]
    facts = {"title": "Mid-term", "valid_from": plan.starts, "reason": "Agreed.", "now": timezone.now()}
    draft = plan.amendments.first() or begin_amendment(plan=plan, by=site.administrator, **facts)
    asked = {"amendment": draft, "seen": draft.edits, "by": site.administrator}
    change_element(**asked, kind=Kind.KPI, code=code, says={"target_value": "3"})
    return {
        "versions of the plan": address("amendments"),
        "amendment": address("amendment", str(draft.number)),
        "draft of the plan": address("amendment_plan", str(draft.number)),
        f"change of {code}": address("amendment_element", str(draft.number), "kpi", code),
        "readings to decide": address("readings"),
    }


def long_lists(site: Site) -> dict[str, str]:
    """A hundred rows each: they have a bound of their own."""
    last = site.rounds[-1].code
    return {
        "list of answers": f"{address('answers')}?round={last}",
        "list of answers by organisation": f"{address('answers')}?round={last}&sort=organisation",
        "list of figures": address("figures"),
        "list of activities": address("register"),
        "list of arrangements": address("arrangements"),
        "list of organisations": address("organisations"),
        "list of rounds": address("round_list"),
        "list of people": reverse("people"),
    }


def registered() -> dict[str, str]:
    """The registers, the newest of each, and their forms."""
    activity, arrangement = (str(kind.objects.order_by("-pk")[0].pk) for kind in (Activity, Arrangement))
    return {
        "activity": address("activity", activity),
        "change of an activity": address("activity_edit", activity),
        "arrangement": address("arrangement", arrangement),
        "change of an arrangement": address("arrangement_edit", arrangement),
        "new arrangement": address("arrangement_add"),
    }


def people(site: Site) -> dict[str, str]:
    return {
        "person": reverse("person", args=[site.contributor.pk]),
        "invitation": reverse("people_invite"),
        "own account": reverse("account"),
        "second factor": reverse("mfa_index"),
    }


def filled_in(site: Site) -> dict[str, str]:
    """What a Member works with in the last round."""
    where = (site.rounds[-1].code, site.members[0].code)
    status, yearly = asked_of_all(Source.STATUS)[0], asked_of_all(Source.PARTICIPATION)[0]
    return {
        "task list of a return": address("return_tasks", *where),
        f"form of {status}": address("return_kpi", *where, status),
        f"form of {yearly}": address("return_kpi", *where, yearly),
        "answers to check": address("return_check", *where),
        f"versions of {status}": address("return_versions", *where, status),
        "receipt": address("return_receipt", *where, "1"),
        "new activity": address("activity_add"),
    }


def asked_of_all(source: Source) -> list[str]:
    kpis = Kpi.objects.filter(readings__source=source, readings__reporter_group=ReporterGroup.MEMBERS)
    return list(kpis.order_by("position").values_list("code", flat=True))


def every_page_like(site: Site) -> dict[str, list[str]]:
    """The addresses of the pages of which there are many."""
    return {
        "focus area": [address("focus_area", code) for code in FocusArea.objects.values_list("code", flat=True)],
        "KPI": [address("kpi", code) for code in Kpi.objects.values_list("code", flat=True)],
        "Member": [address("member", each.code) for each in site.members],
    }


def sent(client: Client, path: str) -> int:
    """The bytes on the wire for one address: the lines of the head, and the body, compressed."""
    response = client.get(path, headers=ENCODINGS)
    head = sum(len(f"{name}: {value}\r\n") for name, value in response.items())
    return head + len(body(response))


def text(client: Client, path: str) -> str:
    return body(client.get(path)).decode()


def body(response: Any) -> bytes:
    if response.status_code != 200:
        raise AssertionError(f"{response.request['PATH_INFO']} answers {response.status_code}")
    return b"".join(response.streaming_content) if response.streaming else response.content


def files_of(client: Client, page: str) -> dict[str, int]:
    """What a browser fetches with a page, and the bytes of each."""
    sizes: dict[str, int] = {}
    waiting = set(FETCHED.findall(text(client, page)))
    while waiting:
        path = waiting.pop()
        sizes[path] = sent(client, path)
        if path.endswith(".css"):
            named = FETCHED_BY_STYLE.findall(text(client, path))
            waiting |= {urljoin(path, each) for each in named if not each.startswith("data:")} - set(sizes)
    return sizes
