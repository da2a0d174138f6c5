"""Seven roles and somebody without one, on every action, in every state (domain.md, "Who may do what")."""

import pytest

from members.permissions import may
from reporting import rules
from tests.reporting.rights import ANSWER_STATES, NOW, ROUND_STATES, TABLE, TRIED, reaches, set_stage

STAGES = [(round_state, state) for round_state in ROUND_STATES for state in ANSWER_STATES]


@pytest.fixture
def stage(plan, clock, request):
    clock(NOW)
    return set_stage(*request.param)


@pytest.mark.parametrize("stage", STAGES, indirect=True, ids="-".join)
def test_every_role_on_every_action_reaches_what_the_table_says(stage):
    targets = {}
    for place in {place for _, place in TRIED}:
        targets[place] = rules.target(
            stage.round,
            stage.submission(place),
            stage.thread(place),
            NOW,
            organisation=place.organisation,
            co_coordinators=frozenset({place.co_coordinated_by}),
        )
    wrong = [
        (name, action, str(place))
        for name, place in TRIED
        for action in TABLE
        if may(stage.people[name], action, targets[place])
        is not reaches(name, action, place, stage.round_state, stage.answer_state)
    ]
    assert wrong == []
