"""What a page does behind what one sees: what it fetches, how much of it, and what its console says."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page

from .sites import ROOT


@dataclass
class Seen:
    """``transferred`` counts the bytes of the answers with their headers, compressed as a real site sends them."""

    requests: list[str] = field(default_factory=list)
    transferred: int = 0
    errors: list[str] = field(default_factory=list)

    def from_elsewhere(self, address: str) -> list[str]:
        own = urlsplit(address).netloc
        return [url for url in self.requests if urlsplit(url).netloc != own and not url.startswith("data:")]


def spared(url: str, came: int) -> int:
    """What a real site spares by compressing its files, which one for development sends as they are."""
    path = urlsplit(url).path
    if not path.startswith("/static/"):
        return 0
    content = (ROOT / path[1:]).read_bytes()
    return len(content) - len(gzip.compress(content)) if came >= len(content) else 0


@contextmanager
def watched(page: Page, *, expected_status: int = 200) -> Iterator[Seen]:
    """All that the page does meanwhile. That a page answers 404, where it should, is not an error."""
    seen = Seen()
    addresses: dict[str, str] = {}

    def hear(message: ConsoleMessage) -> None:
        refusal = f"status of {expected_status} " in message.text and message.location["url"] == page.url
        if message.type in ("error", "warning") and not refusal:
            seen.errors.append(message.text)

    def fail(error: object) -> None:
        seen.errors.append(str(error))

    def send(event: dict) -> None:
        addresses[event["requestId"]] = event["request"]["url"]
        seen.requests.append(event["request"]["url"])

    def receive(event: dict) -> None:
        came = int(event["encodedDataLength"])
        seen.transferred += came - spared(addresses.get(event["requestId"], ""), came)

    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.on("Network.requestWillBeSent", send)
    network.on("Network.loadingFinished", receive)
    page.on("console", hear)
    page.on("pageerror", fail)
    try:
        yield seen
    finally:
        page.remove_listener("console", hear)
        page.remove_listener("pageerror", fail)
        network.detach()
