"""The forms of accounts and people, in the product's own words."""

from typing import Any, ClassVar

from allauth.account import forms as account
from allauth.core import context
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.cache import cache
from django.core.exceptions import ValidationError

from members.actions import check_fits
from members.afterwards import afterwards
from members.choices import RoleName
from members.models import Organisation, User
from members.permissions import ROLES, missing_to_invite
from members.throttles import may_mail_a_reset, remember_device

GOOD_ONE = "At least 12 characters. Several words are good. Not your name, and no password that many people use."
LINES = {"class": "form-control"}


def name_the_fields(form: Any, names: dict[str, str]) -> None:
    """A label instead of a placeholder, which goes away with the first letter, and a sentence for each empty field."""
    for field, name in names.items():
        form.fields[field].label = name.removeprefix("your ").removeprefix("the ").capitalize()
        form.fields[field].error_messages["required"] = f"Enter {name}."
        form.fields[field].widget.attrs.pop("placeholder", None)
        form.fields[field].widget.attrs.setdefault("class", "form-control")


class Named:
    """A form of allauth whose fields are called as `NAMES` says."""

    NAMES: ClassVar[dict[str, str]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_the_fields(self, self.NAMES)


class SignInForm(Named, account.LoginForm):
    NAMES: ClassVar = {"login": "your e-mail address", "password": "your password"}


class AgainForm(Named, account.ReauthenticateForm):
    NAMES: ClassVar = {"password": "your password"}


class ForgottenForm(Named, account.ResetPasswordForm):
    NAMES: ClassVar = {"email": "your e-mail address"}

    def save(self, request: Any, **kwargs: Any) -> str:
        """Whether there is such an account, and whether it got mails enough, nobody learns from here: not from the
        page, and not from the time that it takes."""
        afterwards(lambda: self.mail_the_link(request))
        return str(self.cleaned_data["email"])

    def mail_the_link(self, request: Any) -> None:
        with context.request_context(request):
            if may_mail_a_reset(request, self.cleaned_data["email"]):
                super().save(request)


class NewPasswordForm(Named, account.ResetPasswordKeyForm):
    NAMES: ClassVar = {"password1": "the new password", "password2": "the new password again"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = GOOD_ONE

    def save(self) -> None:
        super().save()
        remember_device(self.user)


class ChangePasswordForm(Named, account.ChangePasswordForm):
    NAMES: ClassVar = {
        "oldpassword": "your present password",
        "password1": "the new password",
        "password2": "the new password again",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = GOOD_ONE


class Code(Named):
    NAMES: ClassVar = {"code": "the code"}

    def clean_code(self) -> str:
        """Right, and not used before. allauth forgets after half a minute which codes were; with MFA_TOTP_TOLERANCE
        they are right for longer, so whoever looked over a shoulder could use one again."""
        code = str(super().clean_code())  # type: ignore[misc]
        plain = "".join(filter(str.isalnum, code))
        lasts = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1)
        if not cache.add(f"code-used:{self.user.pk}:{plain}", "y", timeout=lasts):  # type: ignore[attr-defined]
            raise get_adapter().validation_error("incorrect_code")
        return code


class CodeForm(Code, mfa.AuthenticateForm):
    pass


class CodeAgainForm(Code, mfa.ReauthenticateForm):
    pass


class AppForm(Named, ActivateTOTPForm):
    NAMES: ClassVar = {"code": "the code that the app shows"}


class PasskeyForm(Named, AddWebAuthnForm):
    NAMES: ClassVar = {"name": "a name for it"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = "Name"
        self.fields["name"].help_text = "By which you know it, such as “My telephone”."
        self.fields["passwordless"].widget = forms.HiddenInput()
        self.fields["passwordless"].initial = "on"


class RenamePasskeyForm(Named, EditWebAuthnForm):
    NAMES: ClassVar = {"name": "a name for it"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = "Name"


class RoleForm(forms.Form):
    """A role in an organisation: only what this person may give is on offer."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        empty_label="Choose one",
        widget=forms.Select({"class": "form-select"}),
        error_messages={"required": "Choose the organisation."},
    )
    role = forms.ChoiceField(
        widget=forms.Select({"class": "form-select"}), error_messages={"required": "Choose the role."}
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        organisations = list(Organisation.objects.all())
        given = [
            (role, organisation)
            for role in RoleName
            for organisation in organisations
            if not missing_to_invite(by, role, organisation.code)
        ]
        codes = {organisation.pk for _, organisation in given}
        self.fields["organisation"].queryset = Organisation.objects.filter(pk__in=codes)  # type: ignore[attr-defined]
        roles = [role for role in RoleName if any(role == offered for offered, _ in given)]
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            ("", "Choose one"),
            *((role.value, f"{role.label}: {ROLES[role].description}") for role in roles),
        ]
        if len(roles) == 1:
            self.fields["role"].initial = roles[0]
        if len(codes) == 1:
            self.fields["organisation"].initial = codes.pop()

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if "role" in found and "organisation" in found:
            role, organisation = RoleName(found["role"]), found["organisation"]
            try:
                check_fits(role, organisation)
            except ValidationError as error:
                self.add_error("role", error)
            else:
                if missing_to_invite(self.by, role, organisation.code):
                    self.add_error("role", f"You cannot give the role {role.label} in {organisation}.")
        return found


class InvitationForm(RoleForm):
    email = forms.EmailField(
        label="E-mail address",
        widget=forms.EmailInput(LINES | {"autocomplete": "off"}),
        error_messages={
            "required": "Enter the e-mail address.",
            "invalid": "Enter an e-mail address such as name@customs.example.",
        },
    )
    name = forms.CharField(
        required=False, max_length=120, widget=forms.TextInput(LINES), help_text="They can change it when they accept."
    )
    field_order = ("email", "name", "organisation", "role")


class JoinForm(forms.Form):
    """What a new person says of themselves; the address is that of the invitation."""

    name = forms.CharField(
        max_length=120,
        widget=forms.TextInput(LINES | {"autocomplete": "name"}),
        error_messages={"required": "Enter your name."},
    )
    password1 = forms.CharField(
        label="Password",
        strip=False,
        help_text=GOOD_ONE,
        widget=forms.PasswordInput(LINES | {"autocomplete": "new-password"}),
        error_messages={"required": "Enter a password."},
    )
    password2 = forms.CharField(
        label="Password again",
        strip=False,
        widget=forms.PasswordInput(LINES | {"autocomplete": "new-password"}),
        error_messages={"required": "Enter the password again."},
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        first, second = found.get("password1"), found.get("password2")
        if first and second and first != second:
            self.add_error("password2", "The two passwords are not the same.")
        elif first:
            try:
                validate_password(first, User(email=self.email, name=found.get("name", "")))
            except ValidationError as error:
                self.add_error("password1", error)
        return found
