"""Dates as the plan writes them, 30.06.28. Django takes them from here and ignores them as settings."""

DATE_FORMAT = SHORT_DATE_FORMAT = "d.m.y"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "d.m.y H:i"
DATE_INPUT_FORMATS = ["%d.%m.%y", "%d.%m.%Y", "%d/%m/%Y", "%Y-%m-%d"]
DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
