"""The picture of the workflow is drawn from the table that the product goes by."""

from django.conf import settings

from reporting.choices import AnswerStatus
from reporting.workflow import TRANSITIONS


def diagram() -> str:
    states = [f"    {state.value}: {state.label}" for state in AnswerStatus]
    arrows = [
        f"    {state} --> {following}"
        for state in TRANSITIONS
        for following in AnswerStatus.values
        if following in TRANSITIONS[state]
    ]
    return "\n".join(["```mermaid", "stateDiagram-v2", "    [*] --> draft", *states, *arrows, "```"])


def test_the_picture_is_that_of_the_table():
    text = (settings.BASE_DIR / "docs" / "workflow.md").read_text(encoding="utf-8")
    assert diagram() in text
