"""How an action on the plan refuses, beside ValidationError for what is wrong or not allowed."""


class Stale(Exception):
    """Somebody else changed it meanwhile."""
