"""Is the history what it was: nothing altered, taken out, put in beside the chain or cut off at its end."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from members.chain import SAYS, Head, digest_after, fingerprint
from members.models import AuditEntry, AuditLink

BATCH = 1000
NAMED = 10
"""Faults that are named; of more it is said how many."""
Link = tuple[int, int, str]
"""Number, entry, digest."""
KEEPERS: list[Callable[[], Iterable[Head]]] = []
"""What keeps heads beside the history, such as releases. Apps put their own here when they are ready."""


def heads_kept() -> list[Head]:
    return [head for keeper in KEEPERS for head in keeper()]


@dataclass
class Verified:
    """What a walk through the chain came to. ``compared``: the number of the last head that was kept before, 0 without
    one; ``faults``: sentences, the first ones; ``wrong``: how many in all."""

    head: Head | None = None
    compared: int = 0
    wrong: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def number(self) -> int:
        return self.head.number if self.head else 0

    @property
    def unknown(self) -> str:
        """What a history that stands cannot tell of itself: whether it once was longer."""
        if self.compared >= self.number:
            return ""
        which = f"No head later than that of entry {self.compared:,}" if self.compared else "No head kept before"
        return f"{which} was compared, so it would not be noticed if the end was cut off."

    def add(self, sentence: str) -> None:
        self.wrong += 1
        if len(self.faults) < NAMED:
            self.faults.append(sentence)


def verify(heads: Iterable[Head] = (), after: int = 0) -> Verified:
    """Walks the chain, in constant memory. ``heads``: what was printed of it before, beside those that are kept here;
    ``after``: begin behind this number, where that much is too long to wait for."""
    kept: dict[int, set[str]] = defaultdict(set)
    for head in (*heads_kept(), *heads):
        kept[head.number].add(head.digest)
    found = Verified(compared=max(kept, default=0))
    for fault in walk(found, kept, after):
        found.add(fault)
    for fault in (*behind(kept, after), *cut_off(found, kept), *unlinked()):
        found.add(fault)
    return found


def walk(found: Verified, kept: dict[int, set[str]], after: int) -> Iterator[str]:
    """The faults of each link, and of its entry."""
    number, digest = start(after)
    found.head = Head(number, digest) if number else None
    for link, said in links_after(number):
        if link[0] != number + 1:
            yield f"Entries {number + 1} to {link[0] - 1} are missing from the chain."
        elif fault := fault_of(link, said, digest):
            yield fault
        number, digest = link[0], link[2]
        yield from compared(number, digest, kept.get(number, ()))
        found.head = Head(number, digest)


def compared(number: int, digest: str, kept: Iterable[str]) -> Iterator[str]:
    if not all(digest.startswith(each) for each in kept):
        yield f"Entry {number} or one before it was altered: another head was kept when it was the last."


def behind(kept: dict[int, set[str]], after: int) -> Iterator[str]:
    """The faults of heads from before the walk began: their links are looked at all the same, in one query."""
    numbers = sorted(number for number in kept if number <= after)
    stored = dict(AuditLink.objects.filter(number__in=numbers).values_list("number", "digest"))
    for number in numbers:
        if number in stored:
            yield from compared(number, stored[number], kept[number])
        else:
            yield f"Entry {number} is missing from the chain: a head was kept when it was the last."


def start(after: int) -> tuple[int, str]:
    before = AuditLink.objects.filter(number__lte=after).order_by("-number").values_list("number", "digest").first()
    return before or (0, "")


def links_after(number: int) -> Iterator[tuple[Link, dict[str, Any] | None]]:
    rows = AuditLink.objects.order_by("number").values_list("number", "entry", "digest")
    while links := list(rows.filter(number__gt=number)[:BATCH]):
        entries = AuditEntry.objects.filter(pk__in=[entry for _, entry, _ in links]).order_by()
        said = {each.pop("pk"): each for each in entries.values("pk", "fingerprint", *SAYS)}
        yield from ((link, said.get(link[1])) for link in links)
        number = links[-1][0]


def fault_of(link: Link, said: dict[str, Any] | None, digest: str) -> str:
    number, entry, kept = link
    if said is None:
        return f"Entry {number} is missing (row {entry})."
    stored, made = said.pop("fingerprint"), fingerprint(said)
    if made != stored or digest_after(digest, made) != kept:
        return f"Entry {number} was altered. It says now: {words(said)}."
    return ""


def words(said: dict[str, Any]) -> str:
    return f"{said['at']:%d.%m.%y %H:%M} UTC, {said['actor_name']}, {said['action']}, {said['object_label']}"


def cut_off(found: Verified, kept: dict[int, set[str]]) -> Iterator[str]:
    if (lost := max(kept, default=0) - found.number) > 0:
        yield f"The end is cut off: the history had {found.number + lost:,} entries, and has {found.number:,}."


def unlinked() -> Iterator[str]:
    """Entries that stand beside the chain."""
    for entry in AuditEntry.objects.filter(link=None).order_by("pk").iterator():
        said = {name: getattr(entry, name) for name in SAYS}
        yield f"An entry stands outside the chain (row {entry.pk}): {words(said)}."
