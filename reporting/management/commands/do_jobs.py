"""``do_jobs``: the long work that waits, such as the pack of a release."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from reporting.pack.worker import do_jobs


class Command(BaseCommand):
    help = "Does the long work that waits, and ends. The site starts it by itself; a timer may, too: two are no harm."

    def handle(self, *args: Any, **options: Any) -> None:
        many = do_jobs(timezone.now)
        self.stdout.write(f"{many} job{'' if many == 1 else 's'} ended." if many else "No job waits.")
