"""The import of activities from a file: how long it takes against reading and checking the same file, in one
process."""

import csv
import gc
import io
import time
from collections.abc import Callable
from datetime import date, timedelta
from statistics import median

from django.db import connection, transaction
from django.utils import timezone

from reporting.actions.importing import finished, import_activities
from reporting.choices import ActivityKind
from reporting.imports.activities import LAYOUT, read_activities
from reporting.imports.sheet import Refusals
from reporting.models import ActivityPart, ActivityVersion, Suspicion
from workplan.choices import Source
from workplan.models import Kpi

from .data import Site

ROWS, PARTS = 5_000, 10
SUBJECTS = (
    "Customs valuation", "Rules of origin", "Tariff classification", "Risk management", "Transit of goods",
    "Controlled drugs", "Parcels and e-commerce", "Integrity", "Time release studies", "Post clearance audit",
    "Wildlife crime", "Single windows", "Passenger data", "Laboratories", "Data analytics", "Green customs",
)  # fmt: skip
PLACES = ("Apia", "Bangkok", "Busan", "Colombo", "Hanoi", "Jakarta", "Male", "Perth", "Suva", "Tokyo")
WHOM = ("heads of ports", "new officers", "trainers", "analysts", "the private sector", "legal advisers", "auditors")


def file_of(site: Site, rows: int = ROWS, parts: int = PARTS) -> bytes:
    """Two years of activities with titles as people write them, so that some may be the same as others."""
    text = io.StringIO()
    write = csv.DictWriter(text, LAYOUT.columns)
    write.writeheader()
    sources = (Source.PARTICIPATION, Source.ACTIVITIES)
    kpis = list(Kpi.objects.filter(readings__source__in=sources).values_list("code", flat=True).distinct())
    codes = [each.code for each in site.members]
    random = site.random
    for n in range(rows):
        start = date(2026, 7, 1) + timedelta(days=n * 700 // rows)
        those = random.sample(codes, min(len(codes), random.randrange(parts - 2, parts + 3)))
        counts = [(code, random.randrange(1, 12)) for code in those]
        kind, title = random.choice(ActivityKind.labels), (random.choice(each) for each in (SUBJECTS, WHOM, PLACES))
        write.writerow(
            {
                "reference": f"NEW-{n:06d}",
                "title": "{}: {} for {}, {}".format(kind, *title),
                "kind": ActivityKind.values[n % len(ActivityKind.values)],
                "start": start.isoformat(),
                "end": (start + timedelta(days=n % 4)).isoformat() if n % 3 else "",
                "organisers": those[0],
                "contributors": ";".join(those[1:3]),
                "kpis": ";".join(random.sample(kpis, random.choice((1, 2)))),
                "participants": ";".join(f"{code}:{many}/{random.randrange(many + 1)}" for code, many in counts),
                "heads": ";".join(f"{code}:{random.choice('fm')}" for code in those[::2]),
                "rating": f"{random.randrange(30, 50) / 10}" if n % 4 == 0 else "",
                "respondents": str(random.randrange(5, 40)) if n % 4 == 0 else "",
            }
        )
    return text.getvalue().encode()


def ratio(site: Site, times: int) -> tuple[float, float, float]:
    """Seconds to read and check the file, to import it (reading and checking again, what may be the same event, history
    and all), and the one against the other. In turn, so that other work slows both alike: the middle one of their
    ratios counts. An import is undone before the next, after all that is left to the end of a transaction."""
    content = file_of(site)
    reads, imports = [], []
    for _ in range(times):
        reads.append(seconds(lambda: read_activities(content, Refusals("file"), site.plan)))
        with transaction.atomic():
            imports.append(seconds(lambda: whole(site, content)))
            check(ROWS)
            transaction.set_rollback(True)
    return min(reads), min(imports), median(one / other for one, other in zip(imports, reads, strict=True))


def whole(site: Site, content: bytes) -> None:
    records, _ = read_activities(content, Refusals("file"), site.plan)
    facts = {"accept": False, "by": site.administrator, "now": timezone.now(), "plan": site.plan}
    finished(import_activities(records=list(records.values()), **facts), lambda _: None)
    end_of_transaction()


def end_of_transaction() -> None:
    """What PostgreSQL leaves to the end of one."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def check(rows: int) -> None:
    made = ActivityVersion.objects.filter(activity__reference__startswith="NEW-")
    many, parts = made.count(), ActivityPart.objects.filter(version__in=made).count()
    if many != rows or parts < rows * (PARTS - 2) or not Suspicion.objects.exists():
        raise AssertionError(f"{many} activities and {parts} parts were imported")


def seconds(do: Callable[[], object]) -> float:
    """On the clock: what a database server does is in it."""
    gc.collect()
    before = time.perf_counter()
    do()
    return time.perf_counter() - before
