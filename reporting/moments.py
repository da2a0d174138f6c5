"""How a moment is said: in the round's time zone, and where the reader's own differs, in that too (domain.md, "The
workflow", 5). ``own``: the reader's; None where nobody in particular reads."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def moment_words(moment: datetime, zone: str, own: ZoneInfo | None = None) -> str:
    """31.01.28, 17:00 (Asia/Hong_Kong); 31.01.28, 18:00 your time (Asia/Tokyo)."""
    there = moment.astimezone(ZoneInfo(zone))
    return f"{there:%d.%m.%y, %H:%M} ({zone}){own_words(there, own)}"


def day_end_words(day: date, zone: str, own: ZoneInfo | None = None) -> str:
    """A day until whose end one may do something: 31.01.28 (Asia/Tokyo); 31.01.28, 23:00 your time (Asia/Hong_Kong)."""
    end = datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(zone))
    return f"{day:%d.%m.%y} ({zone}){own_words(end, own)}"


def own_words(there: datetime, own: ZoneInfo | None) -> str:
    """The same moment by the reader's clock; nothing where that shows the same."""
    if own is None:
        return ""
    here = there.astimezone(own)
    if here.utcoffset() == there.utcoffset():
        return ""
    return f"; {here:%d.%m.%y, %H:%M} your time ({own.key})"
