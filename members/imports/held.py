"""A file between its preview and its import: signed for the person who looked at it. Nothing waits on the server, and
nobody imports anything else than what the preview showed."""

import base64
import zlib
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError

from members.models import User

from .sheet import Layout

LASTS = 60 * 60
"""So long a preview can be imported, in seconds."""
MOST_HELD = 1_750_000
"""So many bytes of a file, packed, go with a form within Django's bound for one, 2.5 MB: signed they are a third
more."""


@dataclass(frozen=True)
class Held:
    """``seen``: the token of what the file was compared with."""

    content: bytes
    name: str
    seen: str = ""


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
    """Raises ValidationError where it is larger than a form can carry."""
    packed = zlib.compress(held.content)
    if len(packed) > MOST_HELD:
        raise ValidationError("The file is too large to be looked at before it is imported. Import it in parts.")
    said = {"content": base64.b64encode(packed).decode(), "name": held.name, "seen": held.seen}
    return signing.dumps(said, salt=f"import of {what} by {user.pk}", compress=True)


def held_of(what: str, user: User, text: str) -> Held:
    """Raises ValidationError where it is too old, or not what this person looked at."""
    try:
        said = signing.loads(text, salt=f"import of {what} by {user.pk}", max_age=LASTS)
    except signing.BadSignature as error:
        raise ValidationError("The preview is too old, or not yours. Choose the file again.") from error
    return Held(zlib.decompress(base64.b64decode(said["content"])), str(said["name"]), str(said["seen"]))
