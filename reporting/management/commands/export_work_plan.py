"""``export_work_plan``: the work plan in its published table layout, with its figures (contracts.md, "Results")."""

from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from members.audit import record_export
from members.chain import Head
from members.models import User
from reporting.actions.releases import with_words
from reporting.commentary import words_at
from reporting.demonstration import demonstration_rounds
from reporting.documents.making import FORMATS, of_moment
from reporting.documents.work_plan import document
from reporting.inputs import Basis
from reporting.management.base import acting, add_by, add_plan, chosen_plan, day_option, within_reach
from reporting.management.writing import written
from reporting.presentation import covered
from reporting.queries import occasion
from reporting.report import Report, build_report


class Command(BaseCommand):
    help = "Writes the work plan as at a date, with its Baseline / Deliverable and Comments columns filled."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as-of", metavar="DATE", required=True, help="such as 2027-06-30")
        parser.add_argument("--format", choices=list(FORMATS), required=True)
        parser.add_argument("--output", metavar="FILE", required=True, help="written as a whole, or not at all")
        parser.add_argument("--basis", choices=[basis.value for basis in Basis], default=Basis.ACCEPTED.value)
        add_plan(parser)
        add_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        by, now = acting(options["by"], "export.unreleased"), timezone.now()
        plan = chosen_plan(options["plan"])
        asked = replace(occasion(plan, now), asked_date=day_option(options["as_of"]), basis=Basis(options["basis"]))
        whole = with_words(build_report(asked), words_at(asked))
        report = within_reach(whole, by)
        today, covers = timezone.localdate(now), covered(whole.plan, report.plan)
        source = of_moment(plan, report, today, invented=demonstration_rounds().exists(), covers=covers)
        content = FORMATS[options["format"]].write(document(source))
        head = written(
            Path(options["output"]), content, option="--output", first=lambda: kept(report, by) if by else None
        )
        self.stdout.write(f"Wrote {options['output']}: {len(list(report.plan.kpis))} KPIs, {len(content):,} bytes.")
        if head:
            self.stderr.write(f"Head of the history: {head}")


def kept(report: Report, by: User) -> Head | None:
    """That somebody took out figures that may not be released."""
    what = f"Work plan as at {report.as_of:%d.%m.%y}, {report.basis.value} answers"
    address = f"export_work_plan --plan {report.plan.code} --as-of {report.as_of} --basis {report.basis.value}"
    return record_export(by=by, what=what, address=address, rows=len(list(report.plan.kpis)), released=False)
