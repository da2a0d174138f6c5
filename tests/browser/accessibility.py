"""axe-core on a page as it stands."""

import json
from functools import cache
from pathlib import Path

from playwright.sync_api import Page

TAGS = ("wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice")


@cache
def axe() -> str:
    return (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """A line for each element that breaks a rule: the rule, what it says, and the element."""
    options = json.dumps({"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]})
    # Evaluated, not added as a script: the content security policy of the pages would refuse that, rightly.
    page.evaluate(f"window.axe || (() => {{ {axe()} }})()")
    found = page.evaluate(f"axe.run(document, {options}).then(found => found.violations)")
    return [
        f"{rule['id']}: {rule['help']}: {node['target']} {node['html'][:200]}"
        for rule in found
        for node in rule["nodes"]
    ]


def wider_than_the_window(page: Page) -> list[str]:
    """What makes a page scroll sideways; tables in a frame of their own may."""
    return page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
            ["page: " + document.documentElement.scrollWidth + " px",
             ...[...document.querySelectorAll("body *")]
                .filter(each => each.getBoundingClientRect().right > innerWidth)
                .map(each => each.outerHTML.slice(0, 120))]"""
    )
