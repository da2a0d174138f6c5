"""The account forms, in the product's own words."""

from typing import Any

from allauth.account.forms import LoginForm, ResetPasswordForm


class SignInForm(LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_the_fields(self, {"login": "your e-mail address", "password": "your password"})


class ForgottenForm(ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_the_fields(self, {"email": "your e-mail address"})


def name_the_fields(form: Any, names: dict[str, str]) -> None:
    """A label instead of a placeholder, which goes away with the first letter, and a sentence for each empty field."""
    for field, name in names.items():
        form.fields[field].label = name.removeprefix("your ").capitalize()
        form.fields[field].error_messages["required"] = f"Enter {name}."
        form.fields[field].widget.attrs.pop("placeholder", None)
