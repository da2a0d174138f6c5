"""The pages that are measured, and who looks at them."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from django.core.cache import caches
from django.db import connection
from django.db.models import Count
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import User
from workplan.choices import ReporterGroup, Source
from workplan.models import FocusArea, Kpi

from .data import PLAN, Site

ENCODINGS = {"accept-encoding": "gzip, deflate, br"}
FETCHED = re.compile(r"""<(?:link|script|img|use)\b[^>]*?\b(?:href|src)="(/[^"#?]+)""")
FETCHED_BY_STYLE = re.compile(r"""url\(["']?([^"')#]+)""")


@dataclass(frozen=True)
class Page:
    name: str
    client: Client
    path: str
    bounded: bool = False
    """Whether it has a bound in time; queries and bytes are bounded everywhere."""

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
        caches["pages"].clear()
        return self.timed()

    def queries(self) -> int:
        caches["pages"].clear()
        with CaptureQueriesContext(connection) as captured:
            self.get()
        return len(captured)


def address(name: str, *args: str) -> str:
    return reverse(name, args=[PLAN, *args])


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def pages(site: Site) -> Iterator[Page]:
    """Every page once; those with figures also as somebody sees them who may see what is released only."""
    area = FocusArea.objects.annotate(n=Count("objectives__actions__milestones__kpis")).order_by("-n", "pk")[0].code
    figures = {
        "region overview": address("overview"),
        f"focus area {area}": address("focus_area", area),
        **{
            f"KPI {code} ({source.value})": address("kpi", code)
            for source in (Source.PARTICIPATION, Source.STATUS)
            for code in asked_of_all(source)[:1]
        },
    }
    lists = {
        "Member page": address("member", site.members[0].code),
        **{name: address(name.replace(" ", "_")) for name in ("work plan", "rounds", "register", "documents")},
    }
    administrator, observer = signed_in(site.administrator), signed_in(site.observer)
    yield from (Page(name, administrator, path, bounded=True) for name, path in figures.items())
    yield from (Page(name, administrator, path) for name, path in decided_on(site).items())
    yield from (Page(name, signed_in(site.contributor), path) for name, path in filled_in(site).items())
    yield from (Page(f"{name}, released", observer, path) for name, path in figures.items())
    yield from (Page(name, administrator, path) for name, path in lists.items())


def decided_on(site: Site) -> dict[str, str]:
    """What the secretariat works with in the last round."""
    last, status = site.rounds[-1].code, asked_of_all(Source.STATUS)[0]
    return {
        "board": address("board", last),
        "review queue": address("review_queue", last),
        "review of a Member": address("review_member", last, site.members[0].code),
        f"review of {status}": address("review_kpi", last, status),
        "comments of a round": address("round_words", last),
        "figures": address("figures"),
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
