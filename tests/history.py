"""What tests may do to the history, and nobody else."""

from django.db import connection

from members.guards import GUARDED


def lift_guards() -> None:
    """Takes the triggers away that refuse to change it; ``install_guards`` puts them back."""
    with connection.cursor() as cursor:
        for table in GUARDED:
            if connection.vendor == "postgresql":
                cursor.execute(f"DROP TRIGGER IF EXISTS history_kept ON {table}")
            else:
                for event in ("UPDATE", "DELETE"):
                    cursor.execute(f'DROP TRIGGER IF EXISTS "history_kept_{table}_{event}"')


def link_now() -> None:
    """In a test that never commits: PostgreSQL links what was recorded so far, as at the end of a transaction."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS history_link IMMEDIATE")
            cursor.execute("SET CONSTRAINTS history_link DEFERRED")
