"""The second factor: an app, codes to fall back on, and who must have one (issue 3, 7)."""

from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.urls import reverse

from members.access import requires
from members.choices import AuditAction
from members.models import AuditEntry, Role, User

from .signing_in import PASSWORD, browser_of, code_of, signed_in, try_password, with_password

NEEDED = "Administrators of the secretariat need a second factor."
CODE_PAGE = "/accounts/second-factor/sign-in/"


@pytest.fixture(autouse=True)
def clock(monkeypatch) -> SimpleNamespace:
    """The time by which codes change; it stands still, so that none changes between being read and being typed."""
    clock = SimpleNamespace(now=1_800_000_000.0)
    clock.time = lambda: clock.now
    monkeypatch.setattr(totp, "time", clock)
    return clock


def begin_an_app(client: Client) -> str:
    """What stands on the page that sets one up, which asks for the password first."""
    page = reverse("mfa_activate_totp")
    asked = client.get(page).url
    assert asked.startswith("/accounts/reauthenticate/")
    client.post(asked, {"password": PASSWORD})
    return client.get(page).context["form"].secret


def set_up_an_app(client: Client, clock: SimpleNamespace) -> str:
    """The secret that the app has from now on."""
    secret = begin_an_app(client)
    response = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret, clock.now)})
    assert response.url == reverse("mfa_view_recovery_codes")
    clock.now += 30
    return secret


def codes_of(user: User) -> list[str]:
    return Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()


@pytest.fixture
def secret(cast, clock) -> str:
    return set_up_an_app(browser_of(cast.connie), clock)


def with_code(user: User, code: str, client: Client | None = None) -> Client:
    """A browser in which somebody typed the right password, then this."""
    client = client or Client()
    assert try_password(client, user).url.startswith(CODE_PAGE)
    client.post(CODE_PAGE, {"code": code})
    return client


# ---------------------------------------------------------------- an app


def test_a_wrong_code_sets_nothing_up(cast, clock):
    client = browser_of(cast.connie)
    secret = begin_an_app(client)
    response = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret, clock.now + 300)})
    assert list(response.context["form"].errors) == ["code"]
    assert not Authenticator.objects.exists()


def test_the_password_alone_signs_nobody_in_then(cast, secret):
    client = Client()
    assert try_password(client, cast.connie).url.startswith(CODE_PAGE)
    assert not signed_in(client)
    assert client.get(CODE_PAGE).status_code == 200


def test_password_and_code_sign_in(cast, secret, clock):
    assert signed_in(with_code(cast.connie, code_of(secret, clock.now)))


def test_a_code_without_the_password_does_nothing(cast, secret, clock):
    client = Client()
    assert client.post(CODE_PAGE, {"code": code_of(secret, clock.now)}).status_code == 302
    assert not signed_in(client)


@pytest.mark.parametrize("code", ["000000", "", "x" * 1000, "\x00", "١٢٣٤٥٦"])
def test_any_other_code_is_refused(cast, secret, code):
    assert not signed_in(with_code(cast.connie, code))


@pytest.mark.parametrize(("seconds", "right"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_clock_may_be_half_a_minute_wrong_and_not_more(cast, secret, clock, seconds, right):
    assert signed_in(with_code(cast.connie, code_of(secret, clock.now + seconds))) is right


@pytest.mark.parametrize("again", ["{}", "{} ", " {}", "{}-"])
def test_a_code_works_once_as_long_as_it_would_be_right(cast, secret, clock, again):
    code = code_of(secret, clock.now + 30)
    assert signed_in(with_code(cast.connie, code))
    cache.delete(f"allauth.mfa.totp.used?user={cast.connie.pk}&code={code}")  # what allauth forgets after 30 seconds
    clock.now += 60
    assert not signed_in(with_code(cast.connie, again.format(code)))
    assert signed_in(with_code(cast.connie, code_of(secret, clock.now)))


def test_codes_are_not_guessed(cast, secret, clock):
    client = Client()
    try_password(client, cast.connie)
    for _ in range(5):
        client.post(CODE_PAGE, {"code": "000000"})
    client.post(CODE_PAGE, {"code": code_of(secret, clock.now)})
    assert not signed_in(client)


def test_the_database_alone_gives_no_secret(cast, secret):
    kept = [str(each) for each in Authenticator.objects.values_list("data", flat=True)]
    assert len(kept) == 2
    assert not any(word in each for each in kept for word in (secret, *codes_of(cast.connie)))


def test_setting_up_asks_for_the_password_again(cast):
    client = Client()
    client.force_login(with_password(cast.connie))
    assert client.get(reverse("mfa_activate_totp")).url.startswith("/accounts/reauthenticate/")


# ---------------------------------------------------------------- codes to fall back on


def test_a_recovery_code_works_once(cast, secret):
    codes = codes_of(cast.connie)
    assert len(codes) == 10
    assert signed_in(with_code(cast.connie, codes[0]))
    assert not signed_in(with_code(cast.connie, codes[0]))
    assert codes_of(cast.connie) == codes[1:]
    assert signed_in(with_code(cast.connie, codes[1]))


def test_new_recovery_codes_end_the_old_ones(cast, secret, clock):
    client = with_code(cast.connie, code_of(secret, clock.now))
    old = codes_of(cast.connie)
    asked = client.post(reverse("mfa_generate_recovery_codes")).url
    assert asked.startswith("/accounts/reauthenticate/")
    assert codes_of(cast.connie) == old
    client.post(asked, {"password": PASSWORD}, follow=True)
    assert not set(old) & set(codes_of(cast.connie))
    assert not signed_in(with_code(cast.connie, old[0]))


def test_nobody_sees_the_codes_of_another(cast, secret):
    client = browser_of(cast.ali)
    assert client.get(reverse("mfa_view_recovery_codes")).status_code == 404
    assert client.get(reverse("mfa_download_recovery_codes")).status_code == 404


# ---------------------------------------------------------------- a reset


def test_an_administrator_resets_it_and_the_person_hears_of_it(cast, secret, django_capture_on_commit_callbacks):
    codes = codes_of(cast.connie)
    theirs = with_code(cast.connie, codes[0])
    with django_capture_on_commit_callbacks(execute=True):
        response = browser_of(cast.ada).post(reverse("person_reset_second_factor", args=[cast.connie.pk]))
    assert response.url == reverse("person", args=[cast.connie.pk])
    assert not Authenticator.objects.filter(user=cast.connie).exists()
    assert not signed_in(theirs)
    entry = AuditEntry.objects.first()
    assert (entry.actor_email, entry.action, entry.object_label) == ("ada@example.org", AuditAction.RESET, "Connie")
    [letter] = [each for each in mail.outbox if each.subject == "Your second factor was reset"]
    assert letter.to == ["connie@example.org"]
    assert "Ada has reset" in letter.body
    client = Client()
    try_password(client, cast.connie)
    assert signed_in(client)


@pytest.mark.parametrize("name", ["ed", "ali", "connie", "cora", "olga", "percy", "fay"])
def test_nobody_else_resets_one(cast, secret, name):
    by = getattr(cast, name)
    client = Client()
    client.force_login(by)
    assert client.post(reverse("person_reset_second_factor", args=[cast.connie.pk])).status_code == 403
    assert Authenticator.objects.filter(user=cast.connie).count() == 2


# ---------------------------------------------------------------- obligatory


@pytest.fixture
def required(settings):
    settings.MFA_REQUIRED = True


def test_an_administrator_sets_one_up_before_anything_else(cast, required, clock):
    client = browser_of(cast.ada)
    for page in ("/people/", "/people/invite/", f"/people/{cast.connie.pk}/close/"):
        for response in (client.get(page), client.post(page)):
            assert (response.status_code, response.url) == (302, reverse("mfa_index"))
    assert User.objects.get(pk=cast.connie.pk).is_active
    assert NEEDED in client.get(reverse("mfa_index")).content.decode()
    assert client.get(reverse("account")).status_code == 200
    set_up_an_app(client, clock)
    assert client.get("/people/").status_code == 200
    assert client.get("/people/invite/").status_code == 200


@pytest.mark.parametrize("refuses", [True, False])
def test_also_before_what_an_administrator_may_not_do(cast, required, refuses):
    """A view that refuses by itself says first what exists."""

    def sent(request):
        raise AssertionError

    request = RequestFactory().get("/")
    request.user = cast.ada
    request._messages = SimpleNamespace(add=lambda *args: None)
    assert requires("submission.submit", refuses=refuses)(sent)(request).url == reverse("mfa_index")


def test_recovery_codes_are_no_second_factor_by_themselves(cast, required, clock):
    client = browser_of(cast.ada)
    set_up_an_app(client, clock)
    Authenticator.objects.filter(type="totp").delete()
    assert client.get("/people/").url == reverse("mfa_index")


def test_a_reset_asks_for_another_one(cast, required, clock):
    client = browser_of(cast.ada)
    set_up_an_app(client, clock)
    Authenticator.objects.all().delete()
    assert client.get("/people/").url == reverse("mfa_index")


@pytest.mark.parametrize("name", ["ed", "ali", "connie", "olga"])
def test_others_need_none(cast, required, name):
    assert browser_of(getattr(cast, name)).get("/people/").status_code == 200


def test_who_becomes_an_administrator_needs_one_with_the_next_request(cast, organisations, required):
    client = browser_of(cast.ed)
    assert client.get("/people/").status_code == 200
    Role.objects.create(user=cast.ed, organisation=organisations.secretariat, role="secretariat_administrator")
    assert client.get("/people/").url == reverse("mfa_index")


def test_where_it_is_not_required_nobody_is_asked(cast, settings):
    settings.MFA_REQUIRED = False
    assert browser_of(cast.ada).get("/people/").status_code == 200


def test_what_becomes_of_a_second_factor_is_in_the_history(cast, clock):
    client = browser_of(cast.connie)
    set_up_an_app(client, clock)
    client.post(reverse("mfa_generate_recovery_codes"))
    client.post(reverse("mfa_deactivate_totp"))
    app, codes = "totp", "recovery_codes"
    assert [
        (each.actor_name, each.action, each.object_label, each.changes["second_factor"])
        for each in AuditEntry.objects.order_by("pk")
    ] == [
        ("Connie", "changed", "Connie", [[], [app, codes]]),
        ("Connie", "changed", "Connie", [[app, codes], [app, codes]]),
        ("Connie", "changed", "Connie", [[app, codes], []]),
    ]
