"""Organisations: added and changed one by one, or by a file that is looked at before it is imported."""

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from members.access import requires
from members.audit import record
from members.choices import AttributeName, AuditAction, Group, OrganisationKind
from members.days import FIRST_YEAR, LAST_YEAR, WITH_WHOLE_YEAR, DayField
from members.history import past
from members.imports import organisations as imports
from members.imports.held import Held as HeldFile
from members.imports.held import UploadForm, held_of
from members.imports.outcome import CHANGED, NEW
from members.imports.pages import file_to_import, marked_file, preview_page, upload_page
from members.models import AuditEntry, Organisation, User
from members.organisations import Held, Stated, save_organisation, stated_of, token_of
from members.permissions import may
from members.refusals import Stale
from members.views import me, typed

LINES = {"class": "form-control"}
SHORT = {"class": "form-control w-s", "autocomplete": "off"}
OF_ANY_AGE: dict[str, Any] = {
    "required": False,
    "ways": WITH_WHOLE_YEAR,
    "years": (FIRST_YEAR, LAST_YEAR),
    "error_messages": {"invalid": "Write day, month and the whole year, such as 30.06.2027."},
}


class AttributesField(forms.CharField):
    """One attribute on a line, with its days where they are known."""

    def clean(self, value: Any) -> tuple[Held, ...]:
        try:
            return imports.attributes(str(super().clean(value)).replace("\n", ";"))
        except ValueError as error:
            raise ValidationError(str(error)) from error


class OrganisationForm(forms.Form):
    """``seen`` is the token of what the person had before them."""

    use_required_attribute = False
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    code = forms.RegexField(
        r"^[A-Z]{3,4}$",
        help_text="Three or four capital letters, such as AUS or ROCB. It cannot be changed later.",
        widget=forms.TextInput(SHORT),
        error_messages={"required": "Enter the code.", "invalid": "Write three or four capital letters."},
    )
    kind = forms.ChoiceField(
        choices=[("", "Choose one"), *OrganisationKind.choices],
        widget=forms.Select({"class": "form-select"}),
        error_messages={"required": "Choose what it is."},
    )
    name = forms.CharField(
        max_length=120, widget=forms.TextInput(LINES), error_messages={"required": "Enter the name."}
    )
    also_known_as = forms.CharField(
        required=False,
        max_length=120,
        widget=forms.TextInput(LINES),
        help_text="Other names, with ; between. Documents that name no Member leave them out, too.",
    )
    iso2 = forms.CharField(label="Two-letter code", required=False, max_length=2, widget=forms.TextInput(SHORT))
    group = forms.ChoiceField(
        required=False,
        choices=[("", "None: it is a regional entity"), *Group.choices],
        widget=forms.Select({"class": "form-select"}),
    )
    time_zone = forms.CharField(
        max_length=60,
        help_text="Such as Asia/Tokyo.",
        widget=forms.TextInput(LINES),
        error_messages={"required": "Enter the time zone."},
    )
    joined = DayField(
        label="Member since",
        help_text="With the whole year. Blank: before our records. Who left and joins again gets a later day here.",
        **OF_ANY_AGE,
    )
    left = DayField(
        label="Member until",
        help_text="The first day on which it is no Member any more. Blank: it is one.",
        **OF_ANY_AGE,
    )
    attributes = AttributesField(
        required=False,
        label="What it is",
        help_text=f"One on a line, with its first day and the day after its last where they are known, such as "
        f"landlocked:2026-07-01/2027-07-01. Accepted are {', '.join(AttributeName.values)}.",
        widget=forms.Textarea(LINES | {"rows": 4}),
    )

    def __init__(self, *args: Any, stored: Stated | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored = stored
        if stored:
            del self.fields["code"], self.fields["kind"]

    @property
    def stated(self) -> Stated:
        says = {name: value for name, value in self.cleaned_data.items() if name != "seen"}
        kept = {"code": self.stored.code, "kind": self.stored.kind} if self.stored else {}
        return Stated(**(says | kept))

    def refused(self, error: ValidationError) -> None:
        found = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
        for name, sentences in found.items():
            for sentence in sentences:
                self.add_error(name if name in self.fields else None, sentence)


def initial_of(stored: Stated) -> dict[str, Any]:
    says = {name: getattr(stored, name) for name in stored.__annotations__}
    return says | {"attributes": "\n".join(map(str, stored.attributes)), "seen": token_of(stored)}


# ---------------------------------------------------------------- one by one


@requires("organisation.edit")
def add(request: HttpRequest) -> HttpResponse:
    form = OrganisationForm(typed(request), stored=None, initial={"time_zone": "Asia/Hong_Kong"})
    page = {"title": "Add an organisation", "action": "Add it"}
    return saved(request, form, page, lambda: f"{form.stated.name} is added.")


@requires("organisation.edit")
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Changed, never deleted: who leaves gets a last day."""
    rows = Organisation.objects.prefetch_related("memberships", "attributes")
    stored = stated_of(get_object_or_404(rows, code=code))
    form = OrganisationForm(typed(request), stored=stored, initial=initial_of(stored))
    page = {"title": f"Change {stored.name}", "action": "Save", "past": past_of(request, code)}
    return saved(request, form, page, lambda: f"{form.stated.name} is changed.")


def past_of(request: HttpRequest, code: str) -> dict[str, Any] | None:
    """The history of an organisation, for who may read it."""
    everything = request.GET.get("history") == "all"
    which = Q(about=f"members.organisation/{code}")
    return past(me(request), which, everything=everything) if may(me(request), "audit.view") else None


def saved(request: HttpRequest, form: OrganisationForm, page: dict[str, Any], done: Callable[[], str]) -> HttpResponse:
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            changes = save_organisation(stated=form.stated, seen=form.cleaned_data["seen"], by=me(request))
            messages.success(request, done() if changes else "Nothing is changed.")
            return redirect("organisation_edit", form.stated.code)
        except Stale as stale:
            form.refused(ValidationError(str(stale)))
            status = 409
        except ValidationError as error:
            form.refused(error)
    status = 422 if form.errors and status == 200 else status
    return render(request, "form.html", page | {"form": form, "cancel": reverse("import_organisations")}, status=status)


# ---------------------------------------------------------------- by a file


WHAT = "organisations"


@requires("organisation.edit")
def upload(request: HttpRequest) -> HttpResponse:
    """Chooses a file; what it would do is shown, and nothing is stored yet."""
    form = UploadForm(imports.LAYOUT, typed(request), request.FILES or None)
    if form.is_valid():
        try:
            return shown(request, form.cleaned_data["file"])
        except ValidationError as error:
            form.add_error("file", error)
    return chosen(request, form, status=422 if form.errors else 200)


def chosen(request: HttpRequest, form: UploadForm, sentences: Iterable[str] = (), status: int = 422) -> HttpResponse:
    page = upload_page(imports.LAYOUT, form, sentences) | {
        "title": "Import organisations",
        "file": reverse("import_organisations_file"),
        "way": {"href": reverse("organisation_add"), "text": "Add one by hand"},
    }
    return render(request, "import/upload.html", page, status=status)


def shown(request: HttpRequest, held: HeldFile, refused: str = "") -> HttpResponse:
    preview = imports.preview(held.content, by=me(request))
    page = preview_page(preview, held, WHAT, me(request), refused) | {
        "noun": "Organisation",
        "confirm": reverse("import_organisations_confirm"),
        "errors": reverse("import_organisations_errors"),
        "again": reverse("import_organisations"),
    }
    status = 422 if preview.problems else 409 if refused else 200
    return render(request, "import/preview.html", page, status=status)


@requires("organisation.edit")
def confirm(request: HttpRequest) -> HttpResponse:
    """Imports what the preview showed: all of it, or nothing."""
    if request.method != "POST":
        return redirect("import_organisations")
    try:
        held = held_of(WHAT, me(request), request.POST.get("held", ""))
        receipt = imported(held.content, held.name, held.seen, me(request))
    except Stale as stale:
        return shown(request, held, str(stale))
    except ValidationError as error:
        return chosen(request, UploadForm(imports.LAYOUT), error.messages)
    return redirect("import_receipt", receipt.pk)


@transaction.atomic
def imported(content: bytes, name: str, seen: str, by: User) -> AuditEntry:
    """The rows with their own entries, and one for the file."""
    done = imports.apply(content, seen=seen, by=by)
    changes = {
        "file": (None, name),
        "checksum": (None, hashlib.sha256(content).hexdigest()),
        "new": (None, done.counts[NEW]),
        "changed": (None, done.counts[CHANGED]),
    }
    secretariat = Organisation.objects.filter(secretariat=True).first() or Organisation.objects.all()[0]
    return record(by=by, action=AuditAction.IMPORTED, obj=secretariat, changes=changes)


@requires("organisation.edit")
def errors(request: HttpRequest) -> HttpResponseBase:
    """The file again, as a workbook with the wrong cells marked."""
    if request.method != "POST":
        return redirect("import_organisations")
    try:
        held = held_of(WHAT, me(request), request.POST.get("held", ""))
    except ValidationError as error:
        return chosen(request, UploadForm(imports.LAYOUT), error.messages)
    return marked_file(imports.preview(held.content, by=me(request)), imports.LAYOUT, held.name)


@requires("organisation.edit")
@require_safe
def file(request: HttpRequest) -> HttpResponseBase:
    """The organisations as a file to be changed and imported again, or an empty one."""
    return file_to_import(request, imports.LAYOUT, list(imports.rows_of()), WHAT, by=me(request), released=True)


@requires("organisation.edit")
@require_safe
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """What was imported, by whom and when; the history has each row."""
    entry = get_object_or_404(AuditEntry, pk=pk, action=AuditAction.IMPORTED, changes__has_key="checksum")
    said = {name: values[1] for name, values in entry.changes.items()}
    page = {"title": f"Imported: {said['new']} new, {said['changed']} changed", "entry": entry, "said": said}
    return render(request, "import/receipt.html", page)
