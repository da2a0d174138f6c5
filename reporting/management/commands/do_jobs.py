"""``do_jobs``: the long work that waits, such as the pack of a release."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from members.numbers import counted
from reporting.choices import JobState
from reporting.pack.worker import do_jobs


class Command(BaseCommand):
    help = "Does the long work that waits, and ends. The site starts it by itself; a timer may, too: two are no harm."

    def handle(self, *args: Any, **options: Any) -> None:
        ended = do_jobs(timezone.now)
        self.stdout.write(f"{counted(len(ended), 'job')} ended." if ended else "No job waits.")
        if problems := [job.problem for job in ended if job.state == JobState.FAILED]:
            raise CommandError("\n".join(problems))
