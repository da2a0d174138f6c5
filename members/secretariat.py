"""How one reaches the secretariat: the office moves every two years, so its address is a setting."""

from django.conf import settings


def secretariat() -> str:
    """Whom one asks, for a sentence: "secretariat (rsp@example.org)"; the word alone where no address is set."""
    return f"secretariat ({settings.SECRETARIAT_EMAIL})" if settings.SECRETARIAT_EMAIL else "secretariat"


def signed(text: str) -> str:
    """A mail, and below it whom one asks."""
    return f"{text.rstrip()}\n\nQuestions? Write to the {secretariat()}.\n" if settings.SECRETARIAT_EMAIL else text
