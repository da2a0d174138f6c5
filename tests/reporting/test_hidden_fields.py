"""No hidden field that is added to a form changes anything: every form is sent as the page gives it, and again with a
field more for everything that is stored, and what is stored afterwards is the same."""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.contrib.auth.hashers import check_password
from django.core.cache import cache, caches
from django.db import models, transaction
from django.test import Client
from django.urls import reverse

from reporting.models import Revision
from tests.members.signing_in import NEW, PASSWORD, invited, recently
from tests.test_urls import OPEN_TO_ALL, all_patterns

from .addresses import Door, allowed
from .browsing import Fields, Form, forms_of
from .conftest import in_module
from .forms_stage import FORMLESS, FORMS, SENT_TO, make_stage
from .region import NOW, org
from .rights import ROLE_OF, letter
from .world import World

pytestmark = [pytest.mark.matrix, pytest.mark.usefixtures("quiet")]

UPLOADS = {
    "review_on_behalf",
    *(f"return_upload{end}" for end in ("", "_confirm", "_marked")),
    *(f"{start}{end}" for start in ("import_organisations", "amendment_import") for end in ("", "_confirm", "_errors")),
    *(f"{name}_import{end}" for name in ("activity", "arrangement") for end in ("", "_confirm", "_rows")),
}
NAMES = {door.name for door in FORMS} - UPLOADS
OURS = [model for app in ("members", "workplan", "reporting", "mfa")
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
        if model is not Revision]  # fmt: skip
"""All tables but the one that only says, by a throw of dice, that something changed."""

# ---------------------------------------------------------------- what is typed

ALWAYS = {
    "title": "Another title", "comment": "Another comment.", "text": "Other words.", "reason": "Because of a storm.",
    "note": "Please say more.", "settlement": "It was as recorded.", "oldpassword": PASSWORD, "password1": NEW,
    "password2": NEW, "source": "Another letter.", "also_known_as": "Another name",
    "named": "False",
}  # fmt: skip
WHERE_BLANK = {
    "email": "zoe@example.org", "name": "Zoe", "code": "final", "as_at": "30.06.28", "start": "05.01.27",
    "signed": "2021-01", "valid_from": "01.01.28", "why": "Agreed.",
    "value": "12", "numerator": "3", "denominator": "8", "until": "15.02.28 17:00", "url": "https://example.org/report",
}  # fmt: skip
CHOSEN = ("answer", "audience", "kind", "group", "status", "party_a", "party_b", "organisation", "role", "ruling")


def last(name: str) -> str:
    return name.rpartition("-")[2]


def typed(form: Form) -> Fields:
    """What a person would type and choose; rows of which there are several stay as they are."""
    fields = dict(form.fields)
    for name in form.names:
        if re.search(r"-\d+-", name):
            continue
        stands = fields.get(name, [""])[-1]
        if last(name) in ALWAYS and name in fields:
            fields[name] = [ALWAYS[last(name)]]
        elif last(name) in WHERE_BLANK and name in fields and not stands:
            fields[name] = [WHERE_BLANK[last(name)]]
        elif last(name) in CHOSEN and not stands and any(form.offered.get(name, [])):
            offered = [each for each in form.offered[name] if each]
            fields[name] = [offered[-1] if name in ("party_b", "role") else offered[0]]
    if "parties" in form.names:
        fields["parties"] = form.offered["parties"][:3]
    if {"iso2", "code"} <= form.names:
        fields["code"] = ["ZZZ"]
    if {"place", "code"} <= form.names:
        fields["place"] = form.offered["place"][:1]
        fields["code"] = [f"{fields['place'][0].removesuffix('|')}(z)"]
    return fields


def pressed(form: Form) -> Iterator[tuple[str, Fields]]:
    """Each button once, to where it sends what; of many with one name the first two. One that only shows more rows
    stores nothing."""
    seen: dict[tuple[str, str], int] = {}
    for name, value, path in form.buttons:
        seen[name, path] = seen.get((name, path), 0) + 1
        if name != "more" and seen[name, path] <= (2 if name else 1):
            says = form.fields if name == "unchanged" else typed(form)  # which takes the place of what is typed
            yield path, says | ({name: [value]} if name else {})


# ---------------------------------------------------------------- what is added


def other(field: Any, *, by_key: bool) -> str:
    """A value that such a field could have, and hardly has."""
    if field.is_relation:
        found = field.related_model._default_manager.order_by("-pk").first()
        return str(getattr(found, "code", "") if not by_key and hasattr(found, "code") else getattr(found, "pk", 1))
    if field.choices:
        return str(list(field.flatchoices)[-1][0])
    if isinstance(field, models.BooleanField):
        return "on"
    if isinstance(field, models.DateTimeField):
        return "2020-01-01 10:00"
    if isinstance(field, models.DateField):
        return "01.01.20"
    return "9" if isinstance(field, models.IntegerField | models.DecimalField) else "HIDDEN"


def every_field() -> dict[str, str]:
    found = {"pk": "1", "is_staff": "on", "is_superuser": "on", "user": "1", "by": "1", "state": "accepted"}
    for model in OURS:
        for field in model._meta.concrete_fields:
            found |= {field.name: other(field, by_key=False), field.attname: other(field, by_key=True)}
    return found


def added(asked: set[str], fields: dict[str, str]) -> Fields:
    """The same for each of the groups that names stand in; nothing of what the forms of the page ask for."""
    groups = {re.sub(r"\d", "", start): start for name in sorted(asked) if (start := name.removesuffix(last(name)))}
    names = {start + name: [value] for start in ("", *groups.values()) for name, value in fields.items()}
    return {name: value for name, value in names.items() if name not in asked}


# ---------------------------------------------------------------- what is stored

RANDOM = {
    "at", "joined_at", "last_login", "token_hash", "data", "key", "object_key", "about", "fingerprint", "digest",
}  # fmt: skip
"""Moments that are not those of the tests' clock, what is thrown like dice, keys with it, and digests of all that."""


def stored() -> dict[str, list[dict[str, Any]]]:
    """All rows. A row is called by its place, as numbers that were given once are not given again."""
    rows = {model: list(model._base_manager.order_by("pk").values()) for model in OURS}
    places = {model: {row[model._meta.pk.attname]: place for place, row in enumerate(rows[model])} for model in OURS}
    return {model._meta.label: [plain(model, row, places) for row in rows[model]] for model in OURS}


def plain(model: Any, row: dict[str, Any], places: dict[Any, dict[Any, int]]) -> dict[str, Any]:
    found = {}
    for field in model._meta.concrete_fields:
        value = row[field.attname]
        if field.primary_key or field.name in RANDOM:
            continue
        if field.is_relation:
            value = places[field.related_model].get(value)
        elif field.name == "password":
            value = check_password(NEW, value) if value else None
        elif field.name == "text":
            value = re.sub(r"/invitation/[^/]+/", "/invitation/.../", value)
        found[field.attname] = value
    return found


def after(client: Client, path: str, fields: Fields) -> tuple[int, dict[str, Any]]:
    """What is stored when this was sent, which is then taken back."""
    cache.clear()
    caches["pages"].clear()
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        response = client.post(path, urlencode(fields, doseq=True), content_type="application/x-www-form-urlencoded")
        found = stored()
        transaction.set_rollback(True)
    client.cookies = cookies
    return response.status_code, found


# ---------------------------------------------------------------- the forms


@dataclass(frozen=True)
class Site:
    world: World
    before: dict[str, Any]
    fields: dict[str, str]


def make_site() -> Site:
    world = make_stage()
    return Site(world, stored(), every_field())


@pytest.fixture(scope="module")
def stored_site(django_db_setup, django_db_blocker):
    yield from in_module(django_db_blocker, make_site)


@pytest.fixture
def site(stored_site, db, clock, settings) -> Site:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
    return stored_site


def tried(site: Site, client: Client, path: str) -> Iterator[tuple[str, int, bool]]:
    """Each way to send each form of a page: to where, with which answer, and whether it stored something."""
    response = client.get(path)
    forms = forms_of(response.content.decode(), path) if response.status_code == 200 else []
    hidden = added(set().union(*(form.names for form in forms)), site.fields)
    for form in forms:
        for where, says in pressed(form):
            status, once = after(client, where, says)
            again, more = after(client, where, says | hidden)
            assert (where, status, {}) == (where, again, differing(once, more))
            yield where, status, once != site.before


def differing(once: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    return {name: [pair for pair in zip_longest(rows, more[name]) if pair[0] != pair[1]]
            for name, rows in once.items() if rows != more[name]}  # fmt: skip


def readers(door: Door) -> list[str]:
    """One of each letter of the table is enough: the administrator where only she may, else the editor."""
    found: dict[str, str] = {}
    for name in ("ed", *ROLE_OF):
        if allowed(name, door):
            found.setdefault(letter(name, door.action), name)
    return list(found.values())


LOOKED_AT_FIRST = {"reminders", "amendment_element", "feed"}
"""Forms with a button that only shows what would be sent, or what would move; or what is shown once."""


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_field_that_is_added_changes_nothing(site, sign_in, name):
    """And the form as the page gives it does something, or nothing would be shown by this."""
    results = []
    for door in FORMS:
        if door.name == name:
            path = reverse(name, args=door.args(site.world))
            for reader in readers(door):
                client = recently(sign_in(site.world.people[reader]))
                results += [(reader, *each) for each in tried(site, client, path)]
    assert any(does for *_, does in results), results
    assert {status for _, _, status, _ in results} <= {302, 422} | ({200} if name in LOOKED_AT_FIRST else set()), (
        results
    )


@pytest.mark.parametrize("email", ["newest@example.org", "nobody@example.org"], ids=["stranger", "account"])
def test_a_field_that_is_added_gives_no_other_role_than_was_offered(site, sign_in, email):
    client = sign_in(site.world.people.nobody) if email.startswith("nobody") else Client()
    _, token = invited(site.world.people.ali, org("FJI"), NOW, email=email)
    client.get(reverse("open_invitation", args=[token]))
    assert [status for _, status, _ in tried(site, client, reverse("invitation"))] == [302]


def test_every_form_is_tried(site, sign_in):
    """Every address is one of these: a form that is tried here, where one of them leads, or a page without any. (The
    forms of the second factor are the library's, and what they store is secret.)"""
    sent_to = {"return_to_approver", "return_send", "return_send_back", "return_withdraw", *SENT_TO}
    theirs = {name for name in (pattern.name for pattern in all_patterns()) if name.startswith("mfa_")}
    # What is uploaded is tried with fields that are added in test_behalf.py; an import says what a signed file says.
    uploads = {pattern.name for pattern in all_patterns() if pattern.name in UPLOADS}
    everything = {pattern.name for pattern in all_patterns()} - OPEN_TO_ALL - theirs - uploads
    assert everything - NAMES - sent_to == set(FORMLESS)
    for reader in ("ada", "ali"):
        client = recently(sign_in(site.world.people[reader]))
        for name, args in FORMLESS.items():
            path = reverse(name, args=args(site.world))
            assert forms_of(client.get(path).content.decode(errors="replace"), path) == [], path
