"""Every address states the action that it needs."""

from collections.abc import Iterator

from django.urls import URLPattern, get_resolver

from members.permissions import ACTIONS

# Pages on which somebody becomes or stops being known, or that concern nobody but themselves.
OPEN_TO_ALL = {
    "account_login",
    "account_logout",
    "account_inactive",
    "account_reauthenticate",
    "account_change_password",
    "account_set_password",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "feed_ics",
    "invitation",
    "open_invitation",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
}


def patterns(resolver) -> Iterator[URLPattern]:
    for entry in resolver.url_patterns:
        yield from [entry] if isinstance(entry, URLPattern) else patterns(entry)


def all_patterns() -> list[URLPattern]:
    return list(patterns(get_resolver()))


def test_every_address_states_its_action():
    silent = [
        f"{pattern.pattern} ({pattern.name})"
        for pattern in all_patterns()
        if pattern.name not in OPEN_TO_ALL and getattr(pattern.callback, "action", None) not in ACTIONS
    ]
    assert silent == []


def test_the_list_of_exceptions_has_nothing_superfluous():
    assert {pattern.name for pattern in all_patterns()} >= OPEN_TO_ALL
