"""What is made once and kept until the data change that it is made of (docs/adr/0006)."""

import hashlib
from collections.abc import Callable
from typing import Any

from django.core.cache import caches


def digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def kept(key: str, make: Callable[[], Any]) -> Any:
    """What was made for this key before, or is made now. The key holds a token of the data, so nothing old is found."""
    pages = caches["pages"]
    found = pages.get(key)
    if found is None:
        found = make()
        pages.set(key, found)
    return found
