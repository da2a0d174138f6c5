"""Accounts and people. Of allauth's pages those that are in use: nobody signs up, the secretariat invites."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.http import HttpRequest
from django.urls import include, path, re_path

from members import history_pages, organisation_views, views
from members.access import requires
from members.actions import change_second_factor


def own(view: Callable[..., Any]) -> Any:
    """A page of allauth about one's own second factor; what it changes is recorded."""

    @requires("mfa.own")
    @wraps(view)
    def recorded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method != "POST":
            return view(request, *args, **kwargs)
        return change_second_factor(person=views.me(request), act=lambda: view(request, *args, **kwargs))

    return recorded


accounts = [
    path("", views.account, name="account"),
    path("sign-out-everywhere/", views.sign_out_everywhere, name="sign_out_everywhere"),
    path("invitation/", views.invitation, name="invitation"),
    path("invitation/<str:token>/", views.open_invitation, name="open_invitation"),
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]
second_factor = [
    path("", own(mfa.index), name="mfa_index"),
    path("sign-in/", mfa.authenticate, name="mfa_authenticate"),
    path("again/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("app/add/", own(totp.activate_totp), name="mfa_activate_totp"),
    path("app/remove/", own(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("codes/", own(recovery_codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("codes/new/", own(recovery_codes.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("codes/file/", own(recovery_codes.download_recovery_codes), name="mfa_download_recovery_codes"),
    path("passkeys/", own(webauthn.list_webauthn), name="mfa_list_webauthn"),
    path("passkeys/add/", own(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path("passkeys/sign-in/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("passkeys/again/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("passkeys/<int:pk>/remove/", own(webauthn.remove_webauthn), name="mfa_remove_webauthn"),
    path("passkeys/<int:pk>/rename/", own(webauthn.edit_webauthn), name="mfa_edit_webauthn"),
]
people = [
    path("", views.people, name="people"),
    path("invite/", views.invite, name="people_invite"),
    path("invitations/<int:pk>/withdraw/", views.withdraw, name="people_withdraw"),
    path("<int:pk>/", views.person, name="person"),
    path("<int:pk>/close/", views.close, name="person_close"),
    path("<int:pk>/open/", views.reopen, name="person_open"),
    path("<int:pk>/roles/add/", views.add_role, name="person_add_role"),
    path("<int:pk>/roles/<int:role>/take/", views.take_role, name="person_take_role"),
    path("<int:pk>/second-factor/reset/", views.reset_second_factor, name="person_reset_second_factor"),
]
log = [
    path("", history_pages.history, name="history"),
    path("check/", history_pages.check, name="history_check"),
]
organisations = [
    path("organisations/add/", organisation_views.add, name="organisation_add"),
    path("organisations/<str:code>/", organisation_views.edit, name="organisation_edit"),
    path("import/organisations/", organisation_views.upload, name="import_organisations"),
    path("import/organisations/confirm/", organisation_views.confirm, name="import_organisations_confirm"),
    path("import/organisations/errors/", organisation_views.errors, name="import_organisations_errors"),
    path("import/organisations/file/", organisation_views.file, name="import_organisations_file"),
    path("import/receipts/<int:pk>/", organisation_views.receipt, name="import_receipt"),
]
urlpatterns = [
    path("", include(organisations)),
    path("accounts/", include(accounts)),
    path("accounts/second-factor/", include(second_factor)),
    path("people/", include(people)),
    path("history/", include(log)),
]
