"""Asks clamd whether a file holds a virus (its INSTREAM), where the setting CLAMD names one on this machine."""

import logging
import socket
import struct
import time

from django.conf import settings
from django.core.exceptions import ValidationError

CHUNK = 2**16
TIMEOUT = 10
"""Seconds that clamd may take to take or give anything, and then that it may take in all."""
LONGEST = 60
VIRUS = "A virus was found in this file, so it is not stored."
SILENT = "This file cannot be checked for viruses just now, so it is not stored. Try again in a few minutes."
logger = logging.getLogger(__name__)


def scan(content: bytes) -> None:
    """Raises ValidationError where clamd finds something, and also where it does not say that there is nothing: what
    was not checked is not let through. Does nothing where no clamd is named."""
    if not settings.CLAMD:
        return
    try:
        reply = asked(content)
    except OSError as error:
        logger.warning("clamd does not answer: %s", error)
        raise ValidationError(SILENT) from error
    if reply.endswith(b" FOUND"):
        logger.warning("clamd found in an upload: %s", reply.decode("ascii", "replace")[:200])
        raise ValidationError(VIRUS)
    if reply != b"stream: OK":
        logger.warning("clamd says: %s", reply.decode("ascii", "replace")[:200])
        raise ValidationError(SILENT)


def asked(content: bytes) -> bytes:
    """What clamd says of a content. Raises OSError."""
    ends = time.monotonic() + LONGEST
    with connected() as clamd:
        clamd.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), CHUNK):
            chunk = content[start : start + CHUNK]
            clamd.sendall(struct.pack("!I", len(chunk)) + chunk)
        clamd.sendall(struct.pack("!I", 0))
        reply = b""
        while not reply.endswith(b"\0") and len(reply) < 4096:
            if time.monotonic() > ends:
                raise TimeoutError("it takes too long")
            if not (part := clamd.recv(4096)):
                break
            reply += part
    return reply.rstrip(b"\0\n")


def connected() -> socket.socket:
    kind, *where = settings.CLAMD
    if kind == "tcp":
        host, port = where
        return socket.create_connection((host, int(port)), timeout=TIMEOUT)
    found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        found.settimeout(TIMEOUT)
        found.connect(where[0])
    except OSError:
        found.close()
        raise
    return found
