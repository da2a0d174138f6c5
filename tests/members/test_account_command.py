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
    ("by", "role", "organisation"),
    [
        ("ada", "member_contributor", "FJI"),
        ("ada", "secretariat_editor", "APVC"),
        ("ada", "secretariat_administrator", "APVC"),
        ("ali", "member_contributor", "AUS"),
    ],
)
def test_whoever_has_the_right_makes_accounts(cast, by, role, organisation):
    create(f"--by={by}@example.org", role=role, organisation=organisation)
    assert User.objects.get(email="new@example.org").held_roles[0].role == role


@pytest.mark.parametrize(
    ("by", "role", "organisation", "missing"),
    [
        ("ali", "member_contributor", "FJI", "user.invite in FJI"),
        ("ali", "member_approver", "AUS", "user.set_role in AUS"),
        ("ali", "co_coordinator", "AUS", "user.set_role in AUS"),
        ("ali", "secretariat_administrator", "APVC", "user.invite in APVC"),
        ("ed", "member_contributor", "AUS", "user.invite in AUS"),
        ("ed", "secretariat_administrator", "APVC", "user.invite in APVC"),
        ("connie", "member_contributor", "AUS", "user.invite in AUS"),
        ("cora", "member_contributor", "AUS", "user.invite in AUS"),
        ("olga", "regional_officer", "ROCB", "user.invite in ROCB"),
        ("percy", "observer", "RPSG", "user.invite in RPSG"),
    ],
)
def test_whoever_has_not_the_right_is_refused(cast, by, role, organisation, missing):
    before = User.objects.count()
    with pytest.raises(CommandError) as refused:
        create(f"--by={by}@example.org", role=role, organisation=organisation)
    assert str(refused.value) == f"--by: {by}@example.org does not have the right {missing}."
    assert refused.value.returncode == 1
    assert (User.objects.count(), AuditEntry.objects.count()) == (before, 0)


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
