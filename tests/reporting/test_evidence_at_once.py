"""The same file from several people at the same moment; apart from other tests, because it needs transactions that
end."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection

from members.choices import RoleName
from reporting.actions.evidence import Beside, add_file
from reporting.models import Evidence, EvidenceFile
from tests.conftest import person

from .region import NOW, activity, load_region, org


@pytest.mark.django_db(transaction=True)
def test_one_content_is_kept_once_and_nothing_else_is_left(tmp_path, monkeypatch):
    load_region()
    monkeypatch.setattr(default_storage, "_wrapped", FileSystemStorage(tmp_path))
    olga = person("Olga", RoleName.REGIONAL_OFFICER, org("ROCB"))
    one, other = (activity(name, date(2026, 11, 20), {"2.1.1(a).2": 5}, title=name * 9) for name in ("AA", "BB"))
    # The test's SQLite stands in memory, where whoever reads meets the lock of whoever writes: one after the other.
    together = 6 if connection.vendor == "postgresql" else 1
    start = Barrier(together)

    def add(record) -> int:
        start.wait()
        try:
            told = {"name": "a.txt", "content": b"Done.", "title": "", "by": olga, "now": NOW}
            return add_file(beside=Beside(activity=record), **told).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(together) as people:
        made = set(people.map(add, [one, other] * 3))
    assert len(made) == Evidence.objects.count() == 2
    [file] = EvidenceFile.objects.all()
    assert [f"evidence/{each.name}" for each in (tmp_path / "evidence").iterdir()] == [file.path]
