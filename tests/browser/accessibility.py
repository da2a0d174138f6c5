"""axe-core on a page as it stands."""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from playwright.sync_api import Page, ViewportSize

DESKTOP: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 375, "height": 812}
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


LOOKS = (("wide", DESKTOP, "light"), ("phone", PHONE, "dark"))


def problems(page: Page, looks: Iterable[tuple[str, ViewportSize, str]] = LOOKS) -> list[str]:
    """All that is wrong with the page as it stands, wide and light, and dark on a phone."""
    found = []
    for width, viewport, scheme in looks:
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=scheme)
        found += [f"{width}, {scheme}: {each}" for each in violations(page)]
        found += [f"{width}: wider than the window: {each}" for each in wider_than_the_window(page)]
    page.emulate_media(color_scheme="light")
    return found
