import io

import pytest
from django.core.management import CommandError, call_command

from members.models import AuditEntry, User

PASSWORD = "seven green boats"


def create(*more: str, **differently: str) -> None:
    options = {"email": "New@example.org", "name": "Nora", "role": "member_approver", "organisation": "FJI"}
    stated = [f"--{name}={value}" for name, value in (options | differently).items()]
    call_command("account", "create", *stated, *more, stdout=io.StringIO())


def test_an_account_has_its_role_and_leaves_a_trace(cast):
    create("--by=ada@example.org")

    nora = User.objects.get(email="new@example.org")
    assert [str(role) for role in nora.held_roles] == ["Member approver, Fiji"]
    assert not nora.has_usable_password()
    trail = AuditEntry.objects.order_by("pk").values_list("actor_name", "action", "object_key", "changes")
    assert list(trail) == [
        ("Ada", "created", "new@example.org", {"email": [None, "new@example.org"], "name": [None, "Nora"]}),
        ("Ada", "granted", "new@example.org/FJI/member_approver", {"role": [None, "member_approver"]}),
    ]


def test_a_password_comes_from_standard_input(organisations, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    create("--password-stdin")
    assert User.objects.get().check_password(PASSWORD)


@pytest.mark.parametrize(
    ("differently", "sentence"),
    [
        ({"organisation": "XXX"}, "--organisation: there is no XXX."),
        ({"by": "gone@example.org"}, "--by: there is no active account gone@example.org."),
        ({"email": "not an address"}, "Enter a valid email address."),
        ({"email": "ada@example.org"}, "User with this E-mail address already exists."),
        (
            {"role": "secretariat_editor"},
            "Secretariat editor is a role in the secretariat, which FJI is not.",
        ),
        ({"organisation": "ROCB"}, "Member approver is a role in a Member, which ROCB is not."),
        ({"role": "regional_officer"}, "Regional officer is a role in a regional entity, which FJI is not."),
    ],
)
def test_a_refusal_says_why_and_leaves_nothing(cast, differently, sentence):
    before = User.objects.count()
    with pytest.raises(CommandError) as refused:
        create(**differently)
    assert str(refused.value) == sentence
    assert (User.objects.count(), AuditEntry.objects.count()) == (before, 0)


def test_a_weak_password_is_refused(organisations, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("password\n"))
    with pytest.raises(CommandError, match="too common"):
        create("--password-stdin")
