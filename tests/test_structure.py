"""Which file may import which: the apps from left to right, the files of an app from top to bottom."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
APPS = ("members", "workplan", "reporting")
FILES = (
    "choices",
    "permissions",
    "models",
    "queries",
    "access",
    "audit",
    "rules",
    "validators",
    "actions",
    "forms",
    "tables",
    "views",
    "urls",
)
PURE = (
    "members.numbers",
    "reporting.achievement",
    "reporting.calendar_month",
    "reporting.counting",
    "reporting.documents.blocks",
    "reporting.documents.steady",
    "reporting.documents.wrapping",
    "reporting.explanation",
    "reporting.inputs",
    "reporting.workbook.layout",
    "reporting.workflow",
    "workplan.agreement",
    "workplan.calendar",
    "workplan.choices",
    "workplan.tree",
)


def modules(app: str) -> list[Path]:
    return [path for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts]


def imported(path: Path) -> Iterator[str]:
    """The full names of all that a file imports, relative ones resolved; inside functions too."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def ours(names: Iterator[str], *apps: str) -> list[str]:
    return [name for name in names if name.split(".")[0] in apps]


@pytest.mark.parametrize("app", APPS)
def test_an_app_imports_only_those_to_its_left(app):
    right = APPS[APPS.index(app) + 1 :]
    assert {path.name: ours(imported(path), *right, "tests") for path in modules(app)} == {
        path.name: [] for path in modules(app)
    }


@pytest.mark.parametrize("app", APPS)
def test_a_file_imports_only_those_above_it(app):
    wrong = [
        f"{path.name} imports {name}"
        for path in (ROOT / app).glob("*.py")
        if path.stem in FILES
        for name in ours(imported(path), app)
        if (file := name.split(".")[1]) in FILES and FILES.index(file) >= FILES.index(path.stem)
    ]
    assert wrong == []


def is_pure(name: str) -> bool:
    return name.split(".")[0] in sys.stdlib_module_names or any(
        name == pure or name.startswith(f"{pure}.") for pure in PURE
    )


@pytest.mark.parametrize("module", PURE)
def test_a_pure_file_needs_nothing_but_python_and_pure_files(module):
    paths = files_of(module)
    assert paths
    assert [name for path in paths for name in imported(path) if not is_pure(name)] == []


def files_of(module: str) -> list[Path]:
    """The file of a module, or all of a package."""
    path = ROOT / module.replace(".", "/")
    return sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]


def test_the_walk_sees_what_is_imported(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    (tmp_path / "reporting").mkdir()
    file = tmp_path / "reporting" / "facts.py"
    file.write_text("import json\nfrom . import models\ndef late():\n    from .queries import latest\n")
    assert list(imported(file)) == ["json", "reporting.models", "reporting.queries.latest"]


LOCKS = re.compile(r"select_for_update\(.*")


def test_rows_are_locked_without_their_keys():
    """Else who adds rows that refer to them waits for who holds the lock, who waits for the history: ADR 20."""
    found = {
        f"{path.relative_to(ROOT)}: {lock}"
        for app in APPS
        for path in modules(app)
        for lock in LOCKS.findall(path.read_text(encoding="utf-8"))
        if "no_key=True" not in lock
    }
    assert found == set()
