"""Where a figure comes from and how it is counted: typed, carried forward, sent, compared, shown."""

import re
from decimal import Decimal
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from members.models import AuditEntry
from reporting.actions.deciding import correct_answer
from reporting.actions.entry import save_draft, send, tokens
from reporting.actions.refusals import Stale
from reporting.models import Answer, Submission
from reporting.questions import questions_of
from reporting.review import Mark, marks
from reporting.rules import Verdict
from reporting.threads import thread_of, token_of

from .entering import FIGURES, GROWING, SHARE, form_of, post, typed
from .looks import look, page_of
from .region import INTERIM, NOW, PLAN, answer, org
from .world import STATUS

WORDS = {"figure_source": "Single window", "figure_definition": "Without re-exports"}
ROUND = "interim-2028"


def at(name: str, *more: object) -> str:
    return reverse(name, args=[PLAN, ROUND, "FJI", *more])


@pytest.fixture
def submission(world) -> Submission:
    return Submission.objects.select_related("round__plan", "organisation").get(
        round=world.current, organisation=org("FJI")
    )


@pytest.fixture
def connie(world, sign_in):
    return sign_in(world.people.connie)


def stored(code: str = FIGURES, year: int = 2026) -> Answer:
    return Answer.objects.get(round__code=ROUND, organisation=org("FJI"), kpi__code=code, plan_year=year)


def drafted(world, submission, code: str = FIGURES, year: int = 2026, **says) -> Answer:
    question = questions_of(world.current)[code]
    seen = thread_of(submission, question.kpi.pk, year).token
    told = {"submission": submission, "question": question, "plan_year": year, "seen": seen}
    return save_draft(**told, says=says, by=world.people.connie, now=NOW)


# ---------------------------------------------------------------- typed


def test_the_form_says_the_unit_and_asks_where_a_figure_comes_from(world, connie):
    page = page_of(connie.get(form_of(FIGURES)))
    assert "Counted in: businesses that joined an AEO programme in the plan year. Digits" in page.main
    assert "Where the figure comes from" in page.main
    assert "Unit: number, compared with the base year. Digits" in page_of(connie.get(form_of(GROWING))).main
    assert "Plan year 2025/26, the base year" in page_of(connie.get(form_of(GROWING))).main
    assert "Where the figure comes from" not in page_of(connie.get(form_of(STATUS))).main


@pytest.mark.parametrize("code", [FIGURES, GROWING])
def test_what_is_typed_is_kept_and_stands_there_again(world, connie, code):
    form = typed(connie, form_of(code), y2026_value="12", y2026_figure_source=" Single window ")
    form |= {"y2026-figure_definition": "Without re-exports"}
    assert post(connie, form_of(code), form).status == 302
    made = stored(code)
    assert (made.value, made.figure_source, made.figure_definition) == (12, "Single window", "Without re-exports")
    again = typed(connie, form_of(code))
    assert (again["y2026-figure_source"], again["y2026-figure_definition"]) == ("Single window", "Without re-exports")
    entry = AuditEntry.objects.filter(object_type="reporting.answer").latest("pk")
    assert entry.changes["figure_source"] == ["", "Single window"]
    assert "From: Single window. Counted as: Without re-exports." in page_of(connie.get(at("return_check"))).main


@pytest.mark.parametrize(
    ("says", "sentence"),
    [
        ({"not_applicable": "on"}, "Either give the figure, or say that it does not apply to you."),
        ({"value": "1", "figure_source": "x" * 201}, "up to 200 are accepted"),
        ({"value": "1", "figure_definition": "x" * 501}, "up to 500 are accepted"),
    ],
)
def test_what_cannot_be_said_is_refused_and_stays_typed(world, connie, says, sentence):
    form = typed(connie, form_of(FIGURES), y2026_figure_source="Single window")
    page = post(connie, form_of(FIGURES), form | {f"y2026-{name}": value for name, value in says.items()})
    assert (page.status, sentence in page.main) == (422, True)
    assert says.get("figure_source", "Single window") in page.html


def test_last_time_stands_beside_and_unchanged_says_all_of_it_again(world, connie):
    answer(world.interim, "FJI", FIGURES, 2026, value=Decimal(7), **WORDS)
    page = page_of(connie.get(form_of(FIGURES)))
    assert "From: Single window. Counted as: Without re-exports." in page.main
    post(connie, form_of(FIGURES), typed(connie, form_of(FIGURES)) | {"unchanged": "y2026"})
    made = stored()
    assert (made.unchanged, made.value, made.figure_source) == (True, 7, "Single window")
    assert made.figure_definition == "Without re-exports"
    form = typed(connie, form_of(FIGURES)) | {"y2026-figure_definition": "With re-exports"}
    post(connie, form_of(FIGURES), form)
    assert stored().unchanged is False


def test_only_a_figure_is_explained(world, submission):
    """A draft may hold it already; what is sent has the figure."""
    made = drafted(world, submission, **WORDS)
    with pytest.raises(Stale):  # it is no answer yet
        send(submission=submission, seen=tokens([made]), by=world.people.ali, now=NOW)
    made = drafted(world, submission, **WORDS, standing="not_applicable", comment="No programme.")
    with pytest.raises(ValidationError, match="Where it does not apply there is no figure"):
        send(submission=submission, seen=tokens([made]), by=world.people.ali, now=NOW)
    with pytest.raises(IntegrityError, match="answer_explains_a_figure"), transaction.atomic():
        Answer.objects.filter(pk=made.pk).update(state="submitted", sent_at=NOW)
    made = drafted(world, submission, **WORDS, value=Decimal(3))
    receipt = send(submission=submission, seen=tokens([made]), by=world.people.ali, now=NOW)
    assert {name: receipt.content[0][name] for name in WORDS} == WORDS


def test_a_draft_of_these_words_alone_is_one_and_clearing_them_leaves_nothing(world, submission):
    drafted(world, submission, figure_source="Single window")
    thread = thread_of(submission, stored().kpi_id, 2026)
    assert (thread.state, thread.answered) == ("draft", False)
    drafted(world, submission)
    assert thread_of(submission, stored().kpi_id, 2026).state == ""


def test_a_correction_takes_them_along(world, submission, monkeypatch):
    """A correction says all that stands in its form."""
    made = answer(world.interim, "FJI", FIGURES, 2026, value=Decimal(7), **WORDS)
    monkeypatch.setattr("reporting.rules.correction", lambda *_: Verdict(True))
    made = Answer.objects.select_related("submission__round__plan", "round").get(pk=made.pk)
    told = {"seen": token_of(made), "question": questions_of(world.interim)[FIGURES], "reason": "A slip."}
    says = {"value": Decimal(8), **WORDS}
    corrected = correct_answer(answer=made, says=says, by=world.people.ada, now=NOW, **told)
    assert (corrected.value, corrected.figure_source) == (8, "Single window")


# ---------------------------------------------------------------- compared


def figure(value: int | None, definition: str = "", year: int = 2026) -> Answer:
    amount = None if value is None else Decimal(value)
    return Answer(value=amount, figure_definition=definition, plan_year=year)


@pytest.mark.parametrize(
    ("now", "before", "year_before", "words"),
    [
        (figure(5, "Stock"), figure(5, "Stock"), None, []),
        (figure(5, "stock. "), figure(5, "Stock"), None, []),
        (figure(5), figure(5), figure(5, year=2025), []),
        (figure(5, "Stock"), None, None, []),
        (figure(5, "Stock"), figure(None, "Flow"), None, []),
        (figure(5, "Stock"), figure(5, "Flow"), None, ["last time (“Flow”)"]),
        (figure(5, "Stock"), figure(5), None, ["last time (as the question asks)"]),
        (figure(5), None, figure(5, "Flow", 2025), ["in 2025/26 (“Flow”)"]),
        (figure(5), figure(5, "Flow"), figure(5, "New", 2025), ["last time (“Flow”)", "in 2025/26 (“New”)"]),
    ],
)
def test_a_definition_that_changed_is_pointed_out(now, before, year_before, words):
    found = [each for each in marks(now, before, None, year_before) if each.kind == "definition"]
    says = "Counted otherwise than {}, so growth is not comparable"
    assert found == [Mark("definition", says.format(each)) for each in words]


def test_the_review_shows_it_beside_the_number(world, sign_in):
    answer(world.interim, "FJI", FIGURES, 2026, value=Decimal(7), figure_definition="All that joined")
    answer(world.current, "FJI", FIGURES, 2026, value=Decimal(8), accept=False, **WORDS)
    answer(world.current, "FJI", FIGURES, 2025, value=Decimal(8), accept=False)
    ed = sign_in(world.people.ed)
    for path in (
        reverse("review_member", args=[PLAN, ROUND, "FJI"]),
        reverse("review_kpi", args=[PLAN, ROUND, FIGURES]),
        reverse("review_return", args=[PLAN, ROUND, "FJI", FIGURES]) + "?year=2026",
    ):
        main = page_of(ed.get(path)).main
        assert re.search(r"8 ?From: Single window\. Counted as: Without re-exports\.", main), path
        assert "Counted otherwise than last time (“All that joined”), so growth is not comparable" in main
    assert "2025/26, base year" in page_of(ed.get(reverse("review_kpi", args=[PLAN, ROUND, FIGURES]))).main
    assert "Unit businesses that joined" in main


# ---------------------------------------------------------------- shown


@pytest.mark.parametrize(("code", "says"), [(GROWING, {"value": 9}), (SHARE, {"numerator": 3, "denominator": 8})])
def test_the_page_of_the_kpi_says_who_counts_how(world, sign_in, code, says):
    whose = "ROCB" if code == SHARE else "FJI"
    numbers = {name: Decimal(value) for name, value in says.items()}
    answer(world.interim, whose, code, 2026, **numbers, **WORDS)
    words = "From: Single window. Counted as: Without re-exports."
    for name, sees in {"ada": True, "nobody": False}.items():
        page = look(sign_in(world.people[name]), "kpi", code, as_at=INTERIM)
        assert (words in page.main) is sees, name
    page = look(sign_in(world.people.ada), "kpi", code, as_at=INTERIM)
    assert "The base year is 2025/26." in page.main


def test_versions_say_what_became_of_it(world, sign_in, submission):
    answer(world.current, "FJI", FIGURES, 2026, value=Decimal(7), accept=True, **WORDS)
    drafted(world, submission, value=Decimal(7), figure_source="Single window", figure_definition="With re-exports")
    page = page_of(sign_in(world.people.connie).get(at("return_versions", FIGURES)))
    assert re.search(r"<del>.*?Without.*?</del>.*?<ins>.*?With.*?</ins>", page.html, re.S)


def test_the_lists_have_unit_source_and_definition(world, sign_in):
    answer(world.current, "FJI", FIGURES, 2025, value=Decimal(7), **WORDS)
    ada = sign_in(world.people.ada)
    page = page_of(ada.get(reverse("figures", args=[PLAN]), {"q": "Fiji"}))
    main = page.main
    assert f'href="{form_of(FIGURES)}"' in page.html
    assert "2025/26, base year 7 businesses that joined an AEO programme in the plan year Single window Without" in main
    for name in ("figures", "answers"):
        asked = {"format": "csv", "round": ROUND, "q": "Fiji", "columns": "unit,figure_source,figure_definition"}
        file = ada.get(reverse(name, args=[PLAN]), asked).getvalue().decode()
        assert "businesses that joined an AEO programme in the plan year,Single window,Without re-exports" in file
        assert "2025/26," in ada.get(reverse(name, args=[PLAN]), asked | {"columns": ""}).getvalue().decode()


# ---------------------------------------------------------------- from a file


HEADER = "organisation,kpi,plan_year,value,comment"


def brought_in(tmp_path, rows: str, header: str = f"{HEADER},figure_source,figure_definition") -> str:
    file = tmp_path / "answers.csv"
    file.write_text(f"{header}\n{rows}\n", encoding="utf-8")
    out = StringIO()
    call_command("import_answers", str(file), "--round", ROUND, stdout=out)
    return out.getvalue()


def test_a_file_may_say_it_and_one_that_does_not_takes_nothing_away(world, tmp_path):
    brought_in(tmp_path, f"FJI,{FIGURES},2026/27,7,,Single window,Without re-exports")
    made = stored()
    assert (made.figure_source, made.figure_definition) == ("Single window", "Without re-exports")
    assert "1 unchanged" in brought_in(tmp_path, f"FJI,{FIGURES},2026/27,7,", HEADER)
    said = brought_in(tmp_path, f"FJI,{FIGURES},2026/27,7,Now.", HEADER)
    assert "comment blank -> Now." in said
    assert "figure_" not in said
    newest = Answer.objects.filter(round__code=ROUND, organisation=org("FJI"), kpi__code=FIGURES).latest("version")
    assert newest.figure_source == "Single window"
    assert "figure_source “Single window” -> blank" in brought_in(tmp_path, f"FJI,{FIGURES},2026/27,8,", HEADER)


def test_a_file_says_it_of_a_figure_alone(world, tmp_path):
    with pytest.raises(CommandError, match=r"1\.1\.1\(b\) has no figure here; leave figure_source blank"):
        brought_in(
            tmp_path, f"FJI,{STATUS},,in_place,Single window", "organisation,kpi,plan_year,standing,figure_source"
        )
    with pytest.raises(CommandError, match="figure_definition"):
        brought_in(tmp_path, f"FJI,{FIGURES},2026/27,7,,,{'x' * 501}")
