"""A real site, but for HTTPS and collected files: where DEBUG is off, the plain 404 and 500 pages are seen."""

from rsp_tracker.settings import *  # noqa: F403

DEBUG = False
