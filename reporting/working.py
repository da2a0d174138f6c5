"""The worker behind the pages: a process of this machine that makes what waits and then ends. No server is needed for
it; where one is wished for, ``JOBS=timer`` leaves it to a timer (contrib/systemd) to run ``do_jobs``."""

import subprocess
import sys

from django.conf import settings


def start_worker() -> None:
    """Starts a process that does all jobs that wait. It goes on when the one that answered is replaced."""
    if settings.JOBS != "process":
        return
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "do_jobs"]
    subprocess.Popen(  # noqa: S603 -- our own command, without anything that anybody typed
        command,
        cwd=settings.BASE_DIR,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
