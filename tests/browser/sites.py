"""Whole sites for the browser: each set up by the real commands, and served as in production by its own process."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

from members.choices import RoleName
from reporting import demonstration

ROOT = Path(__file__).parent.parent.parent
PLAN = "/plans/rsp-2026-2028/"
OPEN_ROUND = "2027-12-31"
"""The as-at date of the round of the demonstration that is open."""
BASELINE, INTERIM = "2026-06-30", "2027-06-30"
"""The rounds before it; both are closed and released."""

ADMINISTRATOR = RoleName.SECRETARIAT_ADMINISTRATOR
EDITOR = RoleName.SECRETARIAT_EDITOR
CONTRIBUTOR = RoleName.MEMBER_CONTRIBUTOR
APPROVER = RoleName.MEMBER_APPROVER
CO_COORDINATOR = RoleName.CO_COORDINATOR
OFFICER = RoleName.REGIONAL_OFFICER
OBSERVER = RoleName.OBSERVER


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in."""

    email: str
    password: str


DEMONSTRATION = {account.role: Person(account.email, demonstration.PASSWORD) for account in demonstration.ACCOUNTS}
REAL = {
    role: Person(f"{role.value.replace('_', '.')}@example.org", "only-here-and-nowhere-else")
    for role in (ADMINISTRATOR, OFFICER, OBSERVER)
}
"""The people of a site without demonstration data."""


@dataclass(frozen=True)
class Site:
    """Where a site answers, the folder in which it keeps its database and its mail, and who can sign in."""

    address: str
    folder: Path
    people: Mapping[RoleName, Person] = field(hash=False)

    @property
    def mails(self) -> list[str]:
        """What was sent, the latest last."""
        files = sorted((self.folder / "mail").glob("*"), key=lambda path: path.stat().st_mtime)
        return [path.read_text(encoding="utf-8") for path in files]


def environment(folder: Path, settings: str = "rsp_tracker.settings") -> dict[str, str]:
    return os.environ | {
        "DEBUG": "true",
        "SECRET_KEY": "only-for-tests-" + "x" * 50,
        "DJANGO_SETTINGS_MODULE": settings,
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "EMAIL_URL": f"filemail:///{folder / 'mail'}",
        "EVIDENCE_FOLDER": str(folder / "evidence"),
        "JOBS": "timer",  # nothing writes behind while a database is copied
    }


def manage(folder: Path, *command: str, typed: str = "") -> None:
    subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=environment(folder),
        input=typed,
        text=True,
        check=True,
        stdout=subprocess.PIPE,
    )


def copied(source: Path, target: Path) -> Path:
    target.mkdir()
    for file in source.glob("db.sqlite3*"):
        shutil.copy(file, target)
    return target


def set_up_empty(folder: Path) -> Path:
    """The plan and a few accounts: no rounds, no records, no releases."""
    folder.mkdir()
    manage(folder, "migrate", "--verbosity=0")
    manage(folder, "setup_site")
    for role, organisation in ((ADMINISTRATOR, "APVC"), (OFFICER, "RILO"), (OBSERVER, "RPSG")):
        person = REAL[role]
        words = (f"--email={person.email}", "--name=Alex Lane", f"--role={role}", f"--organisation={organisation}")
        manage(folder, "account", "create", *words, "--password-stdin", typed=f"{person.password}\n")
    return folder


def set_up_demonstration(folder: Path) -> Path:
    """What ``make run`` serves: two rounds that are closed and released, and one that is open."""
    folder.mkdir()
    manage(folder, "migrate", "--verbosity=0")
    manage(folder, "setup_site", "--demo")
    manage(folder, "do_jobs")
    return folder


def set_up_between(demonstration: Path, folder: Path) -> Path:
    """The demonstration where no round is open any more."""
    copied(demonstration, folder)
    manage(folder, "round", "close", "demo-third", f"--by={DEMONSTRATION[ADMINISTRATOR].email}")
    return folder


@contextmanager
def served(
    folder: Path, people: Mapping[RoleName, Person] = DEMONSTRATION, settings: str = "rsp_tracker.settings"
) -> Iterator[Site]:
    """The socket listens before the server runs, so no port is guessed, and the first request waits for its answer."""
    (folder / "mail").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as listening, (folder / "server.log").open("wb") as log:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        command = ("-m", "gunicorn", "rsp_tracker.wsgi", f"--bind=fd://{listening.fileno()}", "--threads=4")
        server = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=environment(folder, settings) | {"SITE_ADDRESS": address, "JOBS": "process"},
            pass_fds=[listening.fileno()],
            stdout=log,
            stderr=log,
        )
        try:
            urlopen(f"{address}/accounts/login/", timeout=60).close()
            yield Site(address, folder, people)
        finally:
            server.terminate()
            server.wait(timeout=30)
