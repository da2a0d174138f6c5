"""``python -m bench.command``: runs ``achievement`` for all KPIs in a process of its own, as a person at a shell does,
and prints the seconds after the start-up: of CPU, and on the clock."""

import io
import time

import django
from django.core.management import call_command, load_command_class


def main() -> None:
    django.setup()
    from django.db import connection

    command = load_command_class("reporting", "achievement")
    connection.ensure_connection()
    cpu, clock = time.process_time(), time.perf_counter()
    call_command(command, format="json", stdout=io.StringIO())
    print(time.process_time() - cpu, time.perf_counter() - clock)


if __name__ == "__main__":
    main()
