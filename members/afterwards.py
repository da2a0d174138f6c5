"""What is done once the answer to a click has gone: nobody waits for it, and no time tells what it was."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

Task = Callable[[], object]
log = logging.getLogger(__name__)
_tasks: ContextVar[list[Task] | None] = ContextVar("tasks", default=None)


def afterwards(task: Task) -> None:
    """After the answer; at once where nothing is being answered, as in a command."""
    tasks = _tasks.get()
    if tasks is None:
        task()
    else:
        tasks.append(task)


@contextmanager
def answering() -> Iterator[list[Task]]:
    """While it lasts, tasks are collected; whoever asked for them does them."""
    tasks: list[Task] = []
    outer = _tasks.set(tasks)
    try:
        yield tasks
    finally:
        _tasks.reset(outer)


def run(tasks: list[Task]) -> None:
    """One that fails is in no other's way; whoever closes a response hears of no failure."""
    for task in tasks:
        try:
            task()
        except Exception:
            log.exception("What was to be done after the answer failed")


class AfterwardsMiddleware:
    """The first of all, so that nothing of the answer is still to be made."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with answering() as tasks:
            response = self.get_response(request)
        # The server closes the response once it has sent it.
        if tasks:
            response._resource_closers.append(lambda: run(tasks))  # type: ignore[attr-defined]
        return response
