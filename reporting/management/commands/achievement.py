"""``achievement``: the figures of every KPI at a date (contracts.md, "Results")."""

import csv
import io
import json
from argparse import ArgumentParser
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from members.audit import record_export
from members.chain import Head
from members.models import User
from reporting.achievement import Result
from reporting.inputs import Basis
from reporting.management.base import acting, add_by, add_plan, chosen_plan, day_option, within_reach
from reporting.queries import occasion
from reporting.report import Report, build_report

NUMBERS = ("baseline", "value", "target", "denominator", "percent", "progress")
LISTS = ("counted", "pending", "unanswered", "not_applicable")


def number(value: Decimal | int | None) -> int | float | None:
    """As JSON writes it: a count without a point."""
    if value is None:
        return None
    return int(value) if value == int(value) and not str(value).count(".") else float(value)


def kpi_data(report: Report, code: str, denominator: int | None, result: Result) -> dict[str, Any]:
    return {
        "code": code,
        "baseline": number(result.baseline),
        "value": number(result.value),
        "target": number(result.target),
        "denominator": denominator,
        "percent": number(result.percent),
        "progress": number(result.progress),
        "status": result.status.value,
        **{name: list(getattr(result, name)) for name in LISTS},
        "years": [
            {"year": year.year, "value": number(year.value), "percent": number(year.percent), "met": year.met}
            for year in result.years
        ],
    }


def report_data(report: Report) -> dict[str, Any]:
    """The report in the shape that contracts.md promises, in the plan's order."""
    return {
        "plan": report.plan.code,
        "as_of": report.as_of.isoformat(),
        "basis": report.basis.value,
        "provisional": report.provisional,
        "kpis": [
            kpi_data(report, kpi.code, kpi.reading.denominator, report.results[kpi.code]) for kpi in report.plan.kpis
        ],
    }


def as_json(report: Report) -> str:
    return json.dumps(report_data(report), indent=1) + "\n"


def as_csv(report: Report) -> str:
    """One row per KPI; lists inside a cell are separated by ";"."""
    file = io.StringIO()
    columns = ["code", *NUMBERS, "status", *LISTS, "years_met", "years"]
    writer = csv.DictWriter(file, columns, lineterminator="\n")
    writer.writeheader()
    for kpi in report_data(report)["kpis"]:
        years = kpi["years"]
        met = f"{sum(year['met'] is True for year in years)} of {len(years)}" if years else ""
        said = ";".join(f"{year['year']}={'' if year['value'] is None else year['value']}" for year in years)
        lists = {name: ";".join(kpi[name]) for name in LISTS}
        writer.writerow({**kpi, **lists, "years_met": met, "years": said})
    return file.getvalue()


def as_table(report: Report) -> str:
    title = f"{report.plan.title}, as at {report.as_of:%d.%m.%y}, {report.basis.value}"
    lines = [title + (", provisional" if report.provisional else "")]
    lines.append(f"{'KPI':<14}{'baseline':>10}{'value':>10}{'target':>10}{'percent':>10}  status")
    for kpi in report_data(report)["kpis"]:
        shown = ["-" if kpi[name] is None else f"{kpi[name]}" for name in ("baseline", "value", "target", "percent")]
        lines.append(f"{kpi['code']:<14}" + "".join(f"{cell:>10}" for cell in shown) + f"  {kpi['status']}")
    return "\n".join(lines) + "\n"


FORMATS = {"table": as_table, "json": as_json, "csv": as_csv}


class Command(BaseCommand):
    help = "Prints the achievement of every KPI at a date."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as-of", metavar="DATE", help="default: the as-at date of the latest closed round")
        parser.add_argument("--basis", choices=[basis.value for basis in Basis], default=Basis.ACCEPTED.value)
        parser.add_argument("--format", choices=list(FORMATS), default="table")
        add_plan(parser)
        add_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        by = acting(options["by"], "export.unreleased")
        default = occasion(chosen_plan(options["plan"]), timezone.now())
        asked = replace(default, asked_date=day_option(options["as_of"]), basis=Basis(options["basis"]))
        report = within_reach(build_report(asked), by)
        self.stdout.write(FORMATS[options["format"]](report), ending="")
        if by:
            self.stderr.write(f"Head of the history: {kept(report, by)}")


def kept(report: Report, by: User) -> Head | None:
    """That somebody took out figures that may not be released. Nothing is kept of whoever gives no name: they can run
    any command, and so read the whole database."""
    what = f"Figures as at {report.as_of:%d.%m.%y}, {report.basis.value} answers"
    address = f"achievement --plan {report.plan.code} --as-of {report.as_of} --basis {report.basis.value}"
    return record_export(by=by, what=what, address=address, rows=len(list(report.plan.kpis)), released=False)
