"""Dates as the plan writes them: 30.06.28. A setting would be ignored; Django reads formats of a language here."""

DATE_FORMAT = SHORT_DATE_FORMAT = "d.m.y"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "d.m.y H:i"
DATE_INPUT_FORMATS = ["%d.%m.%y", "%d.%m.%Y", "%d/%m/%Y", "%Y-%m-%d"]
DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
