"""Every page in every state that there is, by who looks at it."""

from dataclasses import dataclass

from members.choices import RoleName

from .sites import (
    ADMINISTRATOR,
    APPROVER,
    CO_COORDINATOR,
    CONTRIBUTOR,
    EDITOR,
    OBSERVER,
    OFFICER,
    OPEN_ROUND,
    PLAN,
)


@dataclass(frozen=True)
class View:
    """``site``: the fixture that serves it."""

    name: str
    path: str
    role: RoleName | None = ADMINISTRATOR
    site: str = "demonstration"
    status: int = 200

    def __str__(self) -> str:
        return self.name.replace(" ", "-")


KPIS = {
    "status in place": "1.1.1(a)",
    "participation each year": "2.2.2(a).1",
    "items over the plan": "1.1.3-2(b)",
    "items each year": "2.1.1(a).1",
    "women share": "3.1.3(a)",
    "growth": "2.1.1(b).1",
    "sum": "4.2.1(a)",
    "members growing": "4.2.1(f)",
    "arrangements": "1.1.2(c)",
}
"""A KPI of each kind."""

ANONYMOUS = (
    View("sign in", "/accounts/login/", None),
    View("forgotten password", "/accounts/password/reset/", None),
    View("mail is on its way", "/accounts/password/reset/done/", None),
    View("old link", "/accounts/password/reset/key/1-used/", None),
    View("password is set", "/accounts/password/reset/key/done/", None),
    View("closed account", "/accounts/inactive/", None),
    View("invitation that does not exist", "/accounts/invitation/", None, status=410),
    View("no such page", "/nowhere/", None, site="empty", status=404),
)
FIGURES = (
    View("overview", PLAN),
    View("overview at the end", f"{PLAN}?as-at=2028-06-30&basis=reported"),
    View("overview of a release", f"{PLAN}?release=1"),
    View("overview, provisional", f"{PLAN}?as-at={OPEN_ROUND}&basis=reported"),
    View("overview without a round", PLAN, site="empty"),
    View("focus area", f"{PLAN}focus-areas/1/"),
    View("focus area, one status", f"{PLAN}focus-areas/1/?status=at_risk"),
    View("focus area, provisional", f"{PLAN}focus-areas/1/?as-at={OPEN_ROUND}"),
    View("focus area without data", f"{PLAN}focus-areas/3/", site="empty"),
    *(View(f"KPI, {kind}", f"{PLAN}kpis/{code}/") for kind, code in KPIS.items()),
    View("KPI, provisional", f"{PLAN}kpis/1.1.1(a)/?as-at={OPEN_ROUND}"),
    View("KPI without data", f"{PLAN}kpis/1.1.1(a)/", site="empty"),
    View("KPI without activities", f"{PLAN}kpis/1.1.3-2(b)/", site="empty"),
    View("Member", f"{PLAN}members/FJI/"),
    View("Member without data", f"{PLAN}members/FJI/", site="empty"),
)
LISTS = (
    View("work plan", f"{PLAN}work-plan/"),
    View("work plan, found", f"{PLAN}work-plan/?q=risk"),
    View("work plan, nothing found", f"{PLAN}work-plan/?q=zebra"),
    View("rounds", f"{PLAN}rounds/"),
    View("rounds, none open", f"{PLAN}rounds/", site="between"),
    View("rounds, none", f"{PLAN}rounds/", site="empty"),
    View("register", f"{PLAN}register/"),
    View("register, sorted", f"{PLAN}register/?sort=title"),
    View("register, limited", f"{PLAN}register/?kpi=1.1&area=1&organisation=FJI&status=held"),
    View("register, page 2", f"{PLAN}register/?page=2"),
    View("register, empty", f"{PLAN}register/", site="empty"),
    View("documents", f"{PLAN}documents/"),
    View("release", f"{PLAN}documents/releases/1/"),
    View("whether Members see each other by name", f"{PLAN}documents/naming/"),
    View("no such release", f"{PLAN}documents/releases/99/", status=404),
    View("documents, none", f"{PLAN}documents/", site="empty"),
    View("change of password", "/accounts/password/change/"),
    View("sign out", "/accounts/logout/"),
    View("no such page, signed in", "/nowhere/", site="empty", status=404),
    View("no such plan", "/plans/nothing/", status=404),
    View("no such KPI", f"{PLAN}kpis/9.9.9/", status=404),
    View("no such date", f"{PLAN}?as-at=31.02.27", status=404),
)
OTHERS = (
    View("overview for a co-coordinator", PLAN, CO_COORDINATOR),
    View("own focus area", f"{PLAN}focus-areas/4/", CO_COORDINATOR),
    View("another's focus area", f"{PLAN}focus-areas/1/", CO_COORDINATOR),
    View("overview for a contributor", PLAN, CONTRIBUTOR),
    View("own Member page", f"{PLAN}members/FJI/", CONTRIBUTOR),
    View("another's Member page", f"{PLAN}members/AUS/", CONTRIBUTOR, status=404),
    View("own returns", f"{PLAN}rounds/", CONTRIBUTOR),
    View("overview for an observer", PLAN, OBSERVER),
    View("focus area for an observer", f"{PLAN}focus-areas/1/", OBSERVER),
    View("KPI for an observer", f"{PLAN}kpis/1.1.1(a)/", OBSERVER),
    View("items for an observer", f"{PLAN}kpis/1.1.3-2(b)/", OBSERVER),
    View("date that is not released", f"{PLAN}?as-at={OPEN_ROUND}", OBSERVER, status=404),
    View("nothing released yet", PLAN, OBSERVER, site="empty"),
    View("not allowed", f"{PLAN}register/", OBSERVER, status=403),
)
PEOPLE = (
    View("account", "/accounts/"),
    View("account of a contributor", "/accounts/", CONTRIBUTOR),
    View("account, sign out everywhere", "/accounts/sign-out-everywhere/"),
    View("second factor", "/accounts/second-factor/"),
    View("second factor, passkeys", "/accounts/second-factor/passkeys/"),
    View("people", "/people/"),
    View("people, found", "/people/?q=demo"),
    View("people, nobody found", "/people/?q=zebra"),
    View("people of the own Member", "/people/", CONTRIBUTOR),
    View("people, invite", "/people/invite/"),
    View("people, one person", "/people/1/"),
    View("people, close an account", "/people/2/close/"),
    View("people, give a role", "/people/2/roles/add/"),
    View("history", "/history/"),
    View("history, older", "/history/?page=2"),
    View("history, found", "/history/?q=FJI&kind=answer"),
    View("history, nothing found", "/history/?q=zebra"),
    View("history, no such day", "/history/?from=31.02.27"),
    View("history, empty", "/history/?to=2001-01-01", EDITOR),
    View("history, check", "/history/check/"),
    View("history, checked", "/history/check/?heads="),
    View("history, cut off", f"/history/check/?heads=999999+{'a' * 64}"),
)
COLLECTING, CLOSED, REGISTER = f"{PLAN}rounds/demo-third/", f"{PLAN}rounds/demo-interim-2027/", f"{PLAN}register/"
WORK = (
    View("round, new", f"{PLAN}rounds/new/"),
    View("round, change", f"{COLLECTING}edit/"),
    View("round, nothing to change", f"{CLOSED}edit/"),
    View("round, let in late", f"{CLOSED}late/FJI/"),
    View("board", COLLECTING),
    View("board, a closed round", CLOSED),
    View("board for a co-coordinator", CLOSED, CO_COORDINATOR),
    View("board for a contributor", COLLECTING, CONTRIBUTOR),
    View("return, yes or no", f"{COLLECTING}returns/FJI/kpis/2.2.2(a).1/", CONTRIBUTOR),
    View("return, figures", f"{COLLECTING}returns/FJI/kpis/4.2.1(a)/", CONTRIBUTOR),
    View("return, add evidence", f"{COLLECTING}returns/FJI/evidence/1.1.1(a)/", CONTRIBUTOR),
    View("return, register", f"{COLLECTING}returns/FJI/kpis/1.3.1(c)/", CONTRIBUTOR),
    View("return, what the register knows", f"{COLLECTING}returns/FJI/register/", CONTRIBUTOR),
    View("return, locked", f"{CLOSED}returns/FJI/kpis/1.1.1(a)/", CONTRIBUTOR),
    View("return, somebody else's", f"{CLOSED}returns/AUS/", CONTRIBUTOR, status=404),
    View("review, queue", f"{CLOSED}review/", EDITOR),
    View("review, a Member", f"{CLOSED}review/FJI/", EDITOR),
    View("review, a KPI", f"{CLOSED}review/kpis/1.1.1(a)/", EDITOR),
    View("review, versions", f"{CLOSED}returns/FJI/versions/1.1.1(a)/", EDITOR),
    View("review, return", f"{CLOSED}review/FJI/return/1.1.1(a)/", EDITOR),
    View("review, correct", f"{CLOSED}review/FJI/correct/1.1.1(a)/"),
    View("review, enter what came by e-mail", f"{CLOSED}review/FJI/on-behalf/", EDITOR),
    View("review, queue of a co-coordinator", f"{CLOSED}review/", CO_COORDINATOR),
    View("review, a KPI for a co-coordinator", f"{CLOSED}review/kpis/4.1.1(a)/", CO_COORDINATOR),
    View("review, comments", f"{CLOSED}returns/FJI/comments/1.1.1(a)/", EDITOR),
    View("review, comments of the Member", f"{CLOSED}returns/FJI/comments/1.1.1(a)/", CONTRIBUTOR),
    View("review, nothing of yours", f"{CLOSED}review/", CONTRIBUTOR, status=404),
    View("return, to confirm", f"{CLOSED}returns/FJI/confirm/", APPROVER),
    View("return, nothing to confirm", f"{COLLECTING}returns/FJI/confirm/", APPROVER),
    View("words", f"{CLOSED}words/", CO_COORDINATOR),
    View("words, comment", f"{CLOSED}comments/4.1.1(a)/", CO_COORDINATOR),
    View("words, narrative", f"{CLOSED}narratives/1/", EDITOR),
    View("activity", f"{REGISTER}activities/1/", EDITOR),
    View("activity, new", f"{REGISTER}activities/add/", CONTRIBUTOR),
    View("activity, change", f"{REGISTER}activities/1/edit/", EDITOR),
    View("activity, add evidence", f"{REGISTER}activities/1/evidence/", EDITOR),
    View("activity, own part", f"{REGISTER}activities/1/part/", CONTRIBUTOR),
    View("activity, copied", f"{REGISTER}activities/add/?copy=1", EDITOR),
    View("own year", f"{REGISTER}year/FJI/?year=2026", CONTRIBUTOR),
    View("own year, nothing in it", f"{REGISTER}year/FJI/?year=2027", site="empty"),
    View("calendar", f"{REGISTER}calendar/?month=2026-11", CONTRIBUTOR),
    View("calendar, nothing in it", f"{REGISTER}calendar/?month=2026-11", site="empty"),
    View("calendar, address", f"{REGISTER}calendar/address/", CONTRIBUTOR),
    View("arrangement", f"{REGISTER}arrangements/1/", EDITOR),
    View("arrangement, new", f"{REGISTER}arrangements/add/", CONTRIBUTOR),
    View("arrangement of more than two", f"{REGISTER}arrangements/plurilateral/add/", EDITOR),
    View("arrangements, Member by Member", f"{REGISTER}arrangements/matrix/", CONTRIBUTOR),
    View("quality", f"{PLAN}quality/", EDITOR),
    View("quality for a contributor", f"{PLAN}quality/", CONTRIBUTOR),
    View("quality for a co-coordinator", f"{PLAN}quality/?kind=silent", CO_COORDINATOR),
    View("figures", f"{REGISTER}figures/", EDITOR),
    View("arrangements", f"{REGISTER}arrangements/", EDITOR),
    View("answers", f"{PLAN}answers/", EDITOR),
    View("answers, limited", f"{PLAN}answers/?round=all&state=accepted&q=1.1&columns=says,state", EDITOR),
    View("answers, none like this", f"{PLAN}answers/?q=zebra", EDITOR),
    View("answers, an unknown limit", f"{PLAN}answers/?state=x", EDITOR),
    View("answers of a contributor", f"{PLAN}answers/", CONTRIBUTOR),
    View("list of KPIs", f"{PLAN}kpis/"),
    View("list of KPIs for an observer", f"{PLAN}kpis/", OBSERVER),
    View("list of rounds", f"{PLAN}rounds/list/", EDITOR),
    View("organisations", f"{PLAN}organisations/", OBSERVER),
    View("organisation, add", "/organisations/add/", EDITOR),
    View("organisation, change", "/organisations/FJI/", EDITOR),
    View("import of organisations", "/import/organisations/", EDITOR),
    View("guide for Members", f"{PLAN}help/members/", CONTRIBUTOR),
    View("guide for the secretariat", f"{PLAN}help/secretariat/", EDITOR),
)
FIRST = (
    View("today", f"{PLAN}today/", EDITOR),
    View("today, no round is open", f"{PLAN}today/", EDITOR, site="between"),
    View("today, nothing needed", f"{PLAN}today/", OBSERVER),
    View("today, an empty site", f"{PLAN}today/", site="empty"),
    *(View(f"today for {role.value}", f"{PLAN}today/", role) for role in (
        CONTRIBUTOR, CO_COORDINATOR, OFFICER)),
    View("search", f"{PLAN}search/?q=risk"),
    View("search, a code", f"{PLAN}search/?q=1.1.1(a)", CONTRIBUTOR),
    View("search, too many words", f"{PLAN}search/?q=a+b+c+d+e+f+g+h+i+j"),
    View("search, one kind", f"{PLAN}search/?q=a&in=answers"),
    View("search, nothing found", f"{PLAN}search/?q=zebra", OBSERVER),
    View("search, nothing typed", f"{PLAN}search/", CO_COORDINATOR),
    View("reminders", f"{COLLECTING}reminders/", EDITOR),
    View("reminders, a closed round", f"{CLOSED}reminders/", EDITOR),
    View("reminders, none sent", f"{COLLECTING}reminders/sent/", EDITOR),
)  # fmt: skip
VIEWS = (*ANONYMOUS, *FIRST, *PEOPLE, *FIGURES, *LISTS, *OTHERS, *WORK)

FIRST_VIEWS = (
    ANONYMOUS[0],
    View("today", f"{PLAN}today/", EDITOR),
    View("overview", PLAN),
    View("focus area", f"{PLAN}focus-areas/1/"),
    View("KPI", f"{PLAN}kpis/1.1.1(a)/"),
    View("KPI with delegations", f"{PLAN}kpis/3.1.3(a)/"),
    View("Member", f"{PLAN}members/FJI/"),
    View("work plan", f"{PLAN}work-plan/"),
    View("register", f"{PLAN}register/"),
    View("form of a return", f"{COLLECTING}returns/FJI/kpis/4.2.1(a)/", CONTRIBUTOR),
    View("review of a KPI", f"{CLOSED}review/kpis/1.1.1(a)/", EDITOR),
    View("answers to check", f"{COLLECTING}returns/FJI/check/", CONTRIBUTOR),
)
"""What somebody may open first, by a bookmark or a link that was sent."""
