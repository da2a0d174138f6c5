"""``python -m bench``: how fast the pages and the counting are, and whether they stay within their bounds.

Never part of the tests: a slow machine is no fault in the code.
"""
