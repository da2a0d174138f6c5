"""What Django does not offer for both databases."""

from typing import Any

from django.db.models import Aggregate, CharField


class Listed(Aggregate):
    """All values of a group in one text, with commas between."""

    function = "GROUP_CONCAT"
    output_field = CharField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="STRING_AGG(%(expressions)s::text, ',')", **context)
