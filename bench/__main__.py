"""``python -m bench [--quick] [--only NAME]`` (or ``make bench``): are pages and counting within their bounds?

It makes invented data on the real plan in a database of its own (of the kind that DATABASE_URL names; the site's data
are never touched), measures, prints a table and leaves nothing behind. It ends with 1 where a bound is missed.

The data: 35 Members, 8 rounds, 28,000 accepted answers, 2,000 activities; for some figures other amounts (data.py).

What is measured (NAME is the word in front):

pages        Time in ``c``. c is a bare page that shows 100 rows of 8 columns from one query through a template (20 KB),
             asked for in the same process and in turn with the others, so that a slow machine makes all slower alike.
             Each is asked for 25 times (``--quick``: 8); the fastest counts, as it has waited for other work the least.
             "cold": an answer was accepted since the last look, so all that is drawn from answers is thrown away;
             "warm": nothing has changed since. "empty" (no bound): nothing at all is kept, as after an amendment.
             The pages that name every Member are measured with 350 of them, too.
             A page that is read anew at each look, such as a form, has the same bound for both. A list of 100 rows
             has a bound of its own.
             Nothing is compressed. "released" is what an observer sees.
queries      On each page, empty: with 3, 35 and 350 Members, and with 870 KPIs instead of 87. All must be the same.
achievement  CPU of the command for all KPIs, in a process of its own, without the start-up; then with 280,000 answers
             of 350 Members and 20,000 activities. (A database server's CPU is not in it; the time on the clock is.)
races        Two or more people act at the same moment, 500 times in each way (``--quick``: 20), with real connections
             on PostgreSQL (one after the other on SQLite): how often something was lost, doubled or decided on unseen.
history      A history of 1,000,000 entries (``--quick``: 100,000): the page of an object and the log, on the clock, and
             how long the check of it takes. Ten thousand of the entries are about the activity that is looked at.
imports      A file of 5,000 activities with 50,000 parts, among 2,000 that are there: the time to import it, against
             that to read and check it, in one process and in turn. What may be the same event is noted, too.
documents    CPU to write the work plan and the progress report as Word and PDF, against the same words and cells
             written plainly with the same libraries, in one process and in turn.
workbook     The Member's workbook going out, with its database and rights, against a bare writer of the same values
             with the same library (no styles, locks, drop-downs, notes), in one process and in turn; and its queries,
             with 3, 35 and 350 Members.
workbook_in  A Member's workbook comes back: CPU to read it, to read and compare it, and (without a bound) to take it
             over, against openpyxl's reading of the same file; and what 10,000 rows more cost that are only formatted,
             against what openpyxl takes for them. One process, in turn. Every second answer has something new, and
             each register ten new records. The queries are those with nothing kept of the plan, beside the two that
             find who is signed in.
register     Pages, with 5,000 activities and 50,000 parts in them, and the look for the same event while one types.
pack         The whole pack of a release with 35 scorecards, in a process of its own: CPU without the start-up, and the
             most memory that the process had.
weight       Bytes on the wire, heads and bodies, compressed as the site compresses them. The first view is a page with
             all that it needs; the later ones are pages alone, since a browser keeps the files. kB are 1,000 bytes.

How to read it: "ok", "ok, tight" (more than 80 % of the bound: another machine may miss it), or "MISSED". Times on the
clock and in milliseconds say something about this machine only.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import django
from django.core.management import call_command
from django.db import connection

if TYPE_CHECKING:
    from .data import Site, Size
    from .pages import Page

NAMES = (
    "pages", "queries", "achievement", "weight", "races", "history", "register", "imports", "documents",
    "pack", "workbook", "workbook_in",
)  # fmt: skip
MOST_COLD, MOST_WARM = 12, 3
MOST_QUERIES = 12
MOST_OF_AN_OBJECT = 30
MOST_CPU, MOST_GROWTH = 0.5, 12
MOST_OF_READING = 3
MOST_PACK_CPU, MOST_PACK_MEMORY = 90, 500
MOST_OF_PLAIN = {"docx": 2, "pdf": 1.5}
MOST_OF_BARE = 1.5
MOST_OF_OPENPYXL, MOST_OF_FORMATTED = 1.5, 0.3
MOST_REQUESTS, MOST_AT_FIRST, MOST_LATER = 6, 60.0, 15.0
TIGHT = 0.8
WIDE = 58


@dataclass(frozen=True)
class Figure:
    """One row of the table. Without a bound it is there to compare."""

    name: str
    measured: float
    unit: str
    bound: float | None = None
    shown: str = ""
    kept: bool = True
    """Whether what is not a bound holds too, such as that figures are the same."""

    @property
    def missed(self) -> bool:
        return not self.kept or (self.bound is not None and self.measured > self.bound)

    def row(self) -> str:
        places = {"c": 2, "s": 3, "ms": 1, "kB": 1, "x": 1}.get(self.unit, 0)
        measured = self.shown or f"{self.measured:.{places}f} {self.unit}".strip()
        bound = "" if self.bound is None else f"<= {self.bound:g} {self.unit}".strip()
        return f"{self.name:<{WIDE}}{measured:>16}{bound:>15}  {self.verdict()}".rstrip()

    def verdict(self) -> str:
        if self.bound is None:
            return ""
        counted = self.unit in ("", "queries", "requests")
        tight = not counted and self.measured > TIGHT * self.bound
        return "MISSED" if self.missed else "ok, tight" if tight else "ok"


# ---------------------------------------------------------------- on the usual amount of data


def measure_pages(those: "list[Page]", times: int, of: str = "") -> Iterator[Figure]:
    from django.test import Client

    from .pages import Page

    yardstick = Page("c", Client(), "/bench/bare/")
    bare: list[float] = []
    empty, cold, warm = ({page: [] for page in those} for _ in range(3))
    for page in (yardstick, *those):
        page.get()
    for _ in range(times):
        bare.append(yardstick.timed())
        for page in those:
            empty[page].append(page.empty())
            cold[page].append(page.cold())
            warm[page].append(page.timed())
    c = min(bare)
    yield Figure(f"c, a page of {len(yardstick.get().content) / 1000:.1f} kB{of}", c * 1000, "ms")
    for page in those:
        most = page.bound or MOST_COLD
        yield Figure(f"{page.name}{of}, empty", min(empty[page]) / c, "c")
        yield Figure(f"{page.name}{of}, cold", min(cold[page]) / c, "c", most)
        yield Figure(f"{page.name}{of}, warm", min(warm[page]) / c, "c", MOST_WARM if page.kept else most)


def measure_weight(site: "Site") -> Iterator[Figure]:
    from tests.members.signing_in import browser_of

    from .pages import every_page_like, files_of, pages, sent

    those = list(pages(site))
    sizes = {page: sent(page.client, page.path) / 1000 for page in those}
    heaviest = max(those, key=sizes.__getitem__)
    seen: dict[str, int] = {}
    for page in dict.fromkeys((those[0], heaviest)):
        files = files_of(page.client, page.path)
        seen |= files
        yield Figure(f"first view, {page.name}", sizes[page] + sum(files.values()) / 1000, "kB", MOST_AT_FIRST)
        yield Figure(f"first view, {page.name}", 1 + len(files), "requests", MOST_REQUESTS)
    for path, size in sorted(seen.items()):
        yield Figure(f"  of which {path.removeprefix('/static/')}", size / 1000, "kB")
    for page, size in sizes.items():
        yield Figure(f"later view, {page.name}", size, "kB", MOST_LATER)
    administrator = browser_of(site.administrator)
    for kind, paths in every_page_like(site).items():
        size, path = max((sent(administrator, path) / 1000, path) for path in paths)
        name = path.rstrip("/").rpartition("/")[2]
        yield Figure(f"later view, heaviest of {len(paths)} {kind} pages, {name}", size, "kB", MOST_LATER)


# ---------------------------------------------------------------- on several amounts


def query_counts(site: "Site") -> dict[str, int]:
    from .pages import pages

    return {page.name: page.queries() for page in pages(site)}


def query_figures(counts: dict[str, dict[str, int]]) -> Iterator[Figure]:
    for name in next(iter(counts.values())):
        those = [each[name] for each in counts.values()]
        shown = ", ".join(map(str, those))
        yield Figure(f"queries, {name}", max(those), "queries", MOST_QUERIES, shown, kept=len(set(those)) == 1)


def command_seconds(times: int) -> tuple[float, float]:
    """The least CPU and the least time on the clock."""
    cpu, clock = zip(*(printed_by("bench.command") for _ in range(times)), strict=True)
    return min(cpu), min(clock)


# ---------------------------------------------------------------- at once


def measure_races(site: "Site", runs: int) -> Iterator[Figure]:
    from members.choices import RoleName
    from tests.reporting import races
    from workplan.choices import Source

    from .data import person
    from .pages import asked_of_all

    secretariat = site.administrator.held_roles[0].organisation
    editors = (
        person("Ed", RoleName.SECRETARIAT_EDITOR, secretariat),
        person("Eve", RoleName.SECRETARIAT_EDITOR, secretariat),
    )
    codes = tuple(asked_of_all(Source.STATUS)[:2])
    for scenario in races.SCENARIOS:
        wrong = 0
        for number in range(runs):
            stage = races.set_up(site.plan, site.contributor, editors, codes)
            wrong += bool(list(scenario(stage, number)))
        name = scenario.__name__.replace("_", " ")
        yield Figure(f"at once, {name}: wrong", wrong, "runs", 0, f"{wrong} of {runs}")


# ---------------------------------------------------------------- a long history


def measure_history(site: "Site", many: int, times: int) -> Iterator[Figure]:
    from tests.members.signing_in import browser_of

    from . import history
    from .pages import Page

    before = time.monotonic()
    busy = history.fill(site, many)
    print(f"[{many:,} entries, made in {time.monotonic() - before:.0f} s]", file=sys.stderr)
    client = browser_of(site.administrator)
    for name, (path, of_object) in history.looks(site, busy).items():
        clock, cpu = history.timed(Page(name, client, path), times)
        yield Figure(f"history, {name}", clock, "ms", MOST_OF_AN_OBJECT if of_object else None)
        yield Figure("  of which CPU here", cpu, "ms")
    yield Figure("history, checking all of it", history.seconds_to_verify(), "s")


def measure_imports(site: "Site", times: int) -> Iterator[Figure]:
    from . import imports

    read, whole, ratio = imports.ratio(site, times)
    name = f"{imports.ROWS:,} activities from a file"
    yield Figure(f"{name}, read and checked", read, "s")
    yield Figure(f"{name}, imported", whole, "s")
    yield Figure(f"{name}, imported against read", ratio, "x", MOST_OF_READING)


def measure_pack(site: "Site") -> Iterator[Figure]:
    from django.utils import timezone

    from reporting.actions import publish_release
    from reporting.inputs import Basis

    facts = {"title": "Measured", "as_at": None, "basis": Basis.ACCEPTED, "now": timezone.now()}
    publish_release(plan=site.plan, by=site.administrator, **facts)
    cpu, memory, files, size = printed_by("bench.pack")
    yield Figure(f"pack of {files:.0f} files, {size / 1e6:.1f} MB, CPU", cpu, "s", MOST_PACK_CPU)
    yield Figure("pack, memory", memory, "MB", MOST_PACK_MEMORY)


def printed_by(module: str) -> list[float]:
    """The numbers that a program of ours prints, in a process of its own that looks at the data made already."""
    surroundings = os.environ | {"BENCH_DATABASE": connection.settings_dict["NAME"]}
    run = subprocess.run(  # noqa: S603 -- a module of ours
        [sys.executable, "-m", module], env=surroundings, check=True, capture_output=True, text=True
    )
    return [float(word) for word in run.stdout.split()]


def measure_documents(site: "Site", times: int) -> Iterator[Figure]:
    from . import documents

    for name, kind, ours, plainly in documents.ratios(site, times):
        yield Figure(f"{name} as {kind}", ours * 1000, "ms")
        yield Figure(f"  the same plainly, as {kind}", plainly * 1000, "ms")
        yield Figure(f"{name} as {kind}, against plainly", ours / plainly, "x", MOST_OF_PLAIN[kind])


def measure_workbook(site: "Site", times: int) -> Iterator[Figure]:
    from . import workbook

    bare, ours, cells = workbook.out(site, times)
    yield Figure(f"workbook out, {cells:,} cells, bare writer", bare * 1000, "ms")
    yield Figure("workbook out, ours with database and rights", ours * 1000, "ms")
    yield Figure("workbook out, ours against bare", ours / bare, "x", MOST_OF_BARE)


def workbook_queries(site: "Site") -> dict[str, int]:
    from . import workbook

    return {"workbook out": workbook.queries(site)}


def measure_workbook_in(site: "Site", times: int) -> Iterator[Figure]:
    from . import workbook_in

    who, content = workbook_in.stage(site)
    bounds = {"formatted rows": MOST_OF_FORMATTED, "taken over": None}
    for name, ours, openpyxl in workbook_in.ratios(who, content, times):
        bound = bounds.get(name, MOST_OF_OPENPYXL)
        yield Figure(f"workbook in, {name}", ours * 1000, "ms")
        yield Figure(f"workbook in, {name}, by openpyxl", openpyxl * 1000, "ms")
        yield Figure(f"workbook in, {name}, against openpyxl", ours / openpyxl, "x", bound)
    looked, took = workbook_in.queries(who, content)
    yield Figure("workbook in, compared", looked, "queries", MOST_QUERIES)
    yield Figure("workbook in, taken over", took, "queries")


# ---------------------------------------------------------------- everything


@dataclass
class Seen:
    """What is compared at the end: the queries on each page by amount of data, and the CPU of the command."""

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    workbooks: dict[str, dict[str, int]] = field(default_factory=dict)
    cpu: float = 0.0


def measure(names: Collection[str], *, quick: bool) -> Iterator[Figure]:
    from . import data
    from .pages import of_register
    from .site import plan_database

    seen, times = Seen(), 8 if quick else 25
    with plan_database():
        if {"queries", "workbook"} & set(names):
            with made("3 Members", data.FEW_MEMBERS) as site:
                if "queries" in names:
                    seen.counts["3 Members"] = query_counts(site)
                if "workbook" in names:
                    seen.workbooks["3 Members"] = workbook_queries(site)
        with made("the usual data", data.NORMAL) as site:
            yield from on_usual_data(site, names, seen, times, quick=quick)
        if {"queries", "pages", "workbook"} & set(names):
            with made("350 Members", data.MANY_MEMBERS) as site:
                yield from with_many_members(site, names, seen, times)
        if "register" in names:
            with made("a large register", data.LARGE_REGISTER) as site:
                yield from measure_pages(list(of_register(site)), times, ", large register")
        if "queries" in names:
            with made("870 KPIs", data.MANY_KPIS) as site:
                seen.counts["870 KPIs"] = query_counts(site)
            yield from query_figures(seen.counts)
        if "workbook" in names:
            yield from query_figures(seen.workbooks)
        if "achievement" in names and not quick:
            with made("ten times the data", data.TENFOLD):
                yield from on_tenfold_data(seen)


def on_usual_data(site: "Site", names: Collection[str], seen: Seen, times: int, *, quick: bool) -> Iterator[Figure]:
    from .pages import pages

    if "pages" in names:
        yield from measure_pages(list(pages(site)), times)
    if "weight" in names:
        yield from measure_weight(site)
    if "achievement" in names:
        seen.cpu, clock = command_seconds(3 if quick else 7)
        yield Figure("achievement, CPU", seen.cpu, "s", MOST_CPU)
        yield Figure("achievement, on the clock", clock, "s")
    if "queries" in names:
        seen.counts["35"] = query_counts(site)
    if "history" in names:
        yield from measure_history(site, 100_000 if quick else 1_000_000, times)
    if "races" in names:
        yield from measure_races(site, 20 if quick else 500)
    yield from files_of_usual_data(site, names, seen, times, quick=quick)


def files_of_usual_data(
    site: "Site", names: Collection[str], seen: Seen, times: int, *, quick: bool
) -> Iterator[Figure]:
    if "imports" in names:
        yield from measure_imports(site, 3 if quick else 5)
    if "documents" in names:
        yield from measure_documents(site, 5 if quick else 15)
    if "workbook" in names:
        seen.workbooks["35"] = workbook_queries(site)
        yield from measure_workbook(site, times)
    if "workbook_in" in names:
        yield from measure_workbook_in(site, 8 if quick else 15)
    if "pack" in names:
        yield from measure_pack(site)


def with_many_members(site: "Site", names: Collection[str], seen: Seen, times: int) -> Iterator[Figure]:
    from .pages import naming_members

    if "pages" in names:
        yield from measure_pages(list(naming_members(site)), times, ", 350 Members")
    if "queries" in names:
        seen.counts["350"] = query_counts(site)
    if "workbook" in names:
        seen.workbooks["350"] = workbook_queries(site)


def on_tenfold_data(seen: Seen) -> Iterator[Figure]:
    more, clock = command_seconds(5)
    yield Figure("achievement, ten times the data, CPU", more, "s")
    yield Figure("achievement, ten times the data, CPU against CPU", more / seen.cpu, "x", MOST_GROWTH)
    yield Figure("achievement, ten times the data, on the clock", clock, "s")


@contextmanager
def made(name: str, size: "Size") -> Iterator["Site"]:
    from .data import tables
    from .site import database

    before = time.monotonic()
    with database(size) as site:
        amounts = ", ".join(f"{count:,} {what}" for what, count in tables())
        print(f"[{name}, made in {time.monotonic() - before:.0f} s: {amounts}]", file=sys.stderr)
        yield site


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.partition("\n")[2].split("\n\n")[0])
    parser.add_argument("--quick", action="store_true", help="in less time, less exact, not with ten times the data")
    parser.add_argument("--only", choices=NAMES, help="only this part")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was made is removed in this case too
    with tempfile.TemporaryDirectory(prefix="rsp-bench-") as folder:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "bench.settings", "BENCH_FOLDER": folder}
        django.setup()
        call_command("collectstatic", verbosity=0, interactive=False)
        print(f"Django {django.__version__}, {connection.vendor}, load {' '.join(f'{n:.1f}' for n in os.getloadavg())}")
        print(f"{'figure':<{WIDE}}{'measured':>16}{'bound':>15}")
        missed = 0
        for figure in measure([options.only] if options.only else NAMES, quick=options.quick):
            print(figure.row(), flush=True)
            missed += figure.missed
    print(f"{missed} missed" if missed else "all within their bounds")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
