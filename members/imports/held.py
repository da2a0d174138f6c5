"""A file between its preview and its import: kept for the person who looked at it, so that it goes over a slow line
once. Nobody imports anything else than what the preview showed."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Case, Exists, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from members.models import HeldFile, User

from .sheet import Layout

LASTS = 60 * 60
"""So long a preview can be imported, in seconds."""
NOT_KEPT = (
    f"You looked at other files after this preview, and only the last {HeldFile.KEPT} are kept. Choose the file again."
)


@dataclass(frozen=True)
class Held:
    """``seen``: the token of what the file was compared with; ``once``: what no other preview has, even of the same
    file compared with the same."""

    content: bytes
    name: str
    seen: str = ""
    once: str = ""


class UploadForm(forms.Form):
    """``file`` becomes what is held of it."""

    use_required_attribute = False
    file = forms.FileField(
        label="CSV file or workbook",
        widget=forms.FileInput({"class": "form-control", "accept": ".csv,.xlsx"}),
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
    )

    def __init__(self, layout: Layout, *args: Any) -> None:
        super().__init__(*args)
        self.fields["file"].help_text = (
            f"A workbook has its rows on a sheet called {layout.sheet}, or on the only sheet with these columns. "
            f"{layout.blank}"
        )
        self.layout = layout

    def clean_file(self) -> Held:
        file = self.cleaned_data["file"]
        if file.size > self.layout.largest:
            raise ValidationError(self.layout.too_large)
        return Held(file.read(), file.name)


def hold(what: str, user: User, held: Held) -> str:
    """Keeps the file, and gives the signed token that a form carries of it. Of a person's files of one kind the newest
    few are kept: whoever looks at one after the other does not fill the database. In one statement, as a preview is
    counted by its queries."""
    checksum = hashlib.sha256(held.content).hexdigest()
    place: Any = place_for(HeldFile.objects.filter(person=user, what=what), checksum)
    row = HeldFile(person=user, what=what, place=place, content=held.content, checksum=checksum, at=timezone.now())
    HeldFile.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["person", "what", "place"],
        update_fields=["content", "checksum", "at"],
    )
    said = {"checksum": checksum, "name": held.name, "seen": held.seen, "once": secrets.token_urlsafe(12)}
    return signing.dumps(said, salt=f"import of {what} by {user.pk}", compress=True)


def place_for(theirs: QuerySet[HeldFile], checksum: str) -> Coalesce:
    """Where the file stands already, else a place where none stands, else that of the oldest."""
    free = Case(*(When(~Exists(theirs.filter(place=place)), then=Value(place)) for place in range(HeldFile.KEPT)))
    same, oldest = theirs.filter(checksum=checksum), theirs.order_by("at")
    return Coalesce(Subquery(same.values("place")[:1]), free, Subquery(oldest.values("place")[:1]))


def forget_old() -> None:
    """Previews that nobody can confirm any more. A timer calls it too (``deliver_mail``): most previews with errors are
    never confirmed, and a preview is to cost no query more."""
    HeldFile.objects.filter(at__lt=timezone.now() - timedelta(seconds=LASTS)).delete()


def held_of(what: str, user: User, text: str) -> Held:
    """Raises ValidationError where it is too old, not what this person looked at, or its file is not kept any more."""
    forget_old()
    try:
        said = signing.loads(text, salt=f"import of {what} by {user.pk}", max_age=LASTS)
    except signing.BadSignature as error:
        raise ValidationError("The preview is too old, or not yours. Choose the file again.") from error
    row = HeldFile.objects.filter(person=user, what=what, checksum=said["checksum"]).first()
    if row is None:
        raise ValidationError(NOT_KEPT)
    return Held(bytes(row.content), str(said["name"]), str(said["seen"]), str(said.get("once", "")))
