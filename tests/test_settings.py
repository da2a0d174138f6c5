"""What a missing or odd setting says, and that the settings of a real site pass Django's own check."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.db import connection
from django.utils.formats import date_format

ROOT = Path(__file__).parent.parent
REAL = {
    "DEBUG": "false",
    "SECRET_KEY": "k" * 25 + "-0123456789-abcdefghijklmnopq",
    "ALLOWED_HOSTS": "rsp.example.org",
    "EMAIL_URL": "smtp+tls://user:word@mail.example.org:587",
    "FROM_EMAIL": "rsp@example.org",
    "CACHE_URL": "dbcache://cache_table",
    "DATABASE_URL": "sqlite:///:memory:",
}


def check(**differently: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=REAL | differently | {"DJANGO_SETTINGS_MODULE": "rsp_tracker.settings"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_settings_of_a_real_site_pass():
    result = check()
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("DEBUG", "maybe", "Write true (on your own machine only) or false."),
        ("SECRET_KEY", "", "Give at least 50 random letters; `make .env` does so for development."),
        (
            "ALLOWED_HOSTS",
            "",
            "Name the hosts of the site, such as rsp.example.org, with commas between them.",
        ),
        (
            "DATABASE_URL",
            "nonsense",
            "Write postgres://user:password@host:5432/name or sqlite:////path/of/the/file.",
        ),
        (
            "CACHE_URL",
            "nonsense",
            "Several processes need dbcache://cache_table (and once: manage.py createcachetable).",
        ),
        ("EMAIL_URL", "", "Write smtp+tls://user:password@host:587."),
        ("FROM_EMAIL", "", "Write the address that the site's mail comes from."),
        ("BEHIND_PROXY", "perhaps", "Write true where a proxy sets X-Forwarded-Proto and X-Forwarded-For."),
        (
            "CACHE_URL",
            "locmemcache://",
            "Several processes need dbcache://cache_table (and once: manage.py createcachetable).",
        ),
        *(
            (
                "SECRETARIAT_EMAIL",
                value,
                "Write the address at which people reach the secretariat, such as apvc@example.org, or leave it out.",
            )
            for value in ("the office", "apvc@", "apvc @example.org")
        ),
        *(
            (name, value, "Write the address that links in mails begin with, such as https://rsp.example.org.")
            for name, value in (
                ("SITE_ADDRESS", "rsp.example.org"),
                ("SITE_ADDRESS", "https://rsp.example.org/tracker"),
            )
        ),
        *(
            (
                "CLAMD",
                value,
                "Write where clamd listens on this machine, such as unix:/run/clamav/clamd.ctl, or leave it out.",
            )
            for value in ("yes", "tcp://scanner.example.org:3310", "tcp://127.0.0.1", "unix://run/clamd", "/run/clamd")
        ),
        *(
            (
                "EVIDENCE_STORAGE",
                value,
                "Write the class that keeps uploaded files, such as storages.backends.s3.S3Storage?bucket_name=rsp.",
            )
            for value in ("s3", "storages.S3Storage?bucket")
        ),
        ("EVIDENCE_FOLDER", "", "Write the folder in which uploaded files are kept, such as /srv/kept/evidence."),
        *(
            (
                "JUMP_FACTOR",
                value,
                "Write a number above 1, such as 2 or 1.5: a figure that jumps by more than this is asked about.",
            )
            for value in ("", "1", "0.5", "-2", "nan", "twice", "1.555")
        ),
        (
            "MFA_REQUIRED",
            "perhaps",
            "Write true where administrators of the secretariat need a second factor, as on every real site, or false.",
        ),
    ],
)
def test_an_odd_setting_stops_the_start_and_says_the_remedy(name, value, remedy):
    result = check(**{name: value})
    assert result.returncode == 1
    assert result.stderr.strip().endswith(f"The setting {name} is missing or odd. {remedy}")


@pytest.mark.parametrize("address", ["", " ", "apvc@example.org"])
def test_the_address_of_the_secretariat_may_be_left_out(address):
    assert check(SECRETARIAT_EMAIL=address).returncode == 0


@pytest.mark.parametrize("value", ["2", "1.5", "10"])
def test_a_factor_is_a_number_above_one(value):
    assert check(JUMP_FACTOR=value).returncode == 0


@pytest.mark.parametrize("where", ["", "unix:/run/clamav/clamd.ctl", "tcp://127.0.0.1:3310", "tcp://[::1]:3310"])
def test_clamd_is_on_this_machine_or_nowhere(where):
    assert check(CLAMD=where).returncode == 0


@pytest.mark.parametrize("hosts", ["*", ".example.org", "*,rsp.example.org"])
def test_where_hosts_name_no_site_its_address_must_be_written(hosts):
    """Else links in mails would lead to https://*/."""
    result = check(ALLOWED_HOSTS=hosts)
    assert result.returncode == 1
    assert "The setting SITE_ADDRESS is missing or odd." in result.stderr
    assert check(ALLOWED_HOSTS=hosts, SITE_ADDRESS="https://rsp.example.org/").returncode == 0


def test_dates_are_written_and_read_as_in_the_plan():
    read = {forms.DateField().clean(text) for text in ("30.06.27", "30.06.2027", "2027-06-30")}
    assert read == {date(2027, 6, 30)}
    assert date_format(date(2027, 6, 30)) == "30.06.27"


def test_a_date_that_does_not_exist_is_refused():
    with pytest.raises(forms.ValidationError):
        forms.DateField().clean("31.06.27")


def test_sqlite_writers_wait_for_each_other():
    options = settings.DATABASES["default"]["OPTIONS"]
    if connection.vendor == "sqlite":
        assert (options["transaction_mode"], options["timeout"]) == ("IMMEDIATE", 20)
        assert "WAL" in options["init_command"]
    else:
        assert settings.DATABASES["default"]["CONN_HEALTH_CHECKS"] is True
