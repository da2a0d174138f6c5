from argparse import ArgumentParser
from typing import Any

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from members.numbers import counted
from reporting.sweeping import left_behind, lost


class Command(BaseCommand):
    help = (
        "Takes away files of evidence that no row names and that are older than a day: what a crash between writing a "
        "file and its row left. Says which files are missing, and then ends with 1. Run it once a day."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be taken away")

    def handle(self, *args: Any, **options: Any) -> None:
        paths = list(left_behind(timezone.now()))
        if not options["dry_run"]:
            for path in paths:
                default_storage.delete(path)
        done = "would be taken away" if options["dry_run"] else "taken away"
        missing = lost()
        self.stdout.write(f"Files that no row names, {done}: {len(paths)}. Missing files: {len(missing)}.")
        for file in missing:
            self.stderr.write(f"{file.path} is missing: {file.kind}, {file.size} bytes, SHA-256 {file.sha256}.")
        if missing:
            raise CommandError(
                f"{counted(len(missing), 'file')} of evidence cannot be opened. Restore from the backup, or upload the "
                "same file again: it comes back."
            )
