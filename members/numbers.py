"""Numbers with what they count, in words. Pure."""


def counted(number: int, one: str, many: str = "", *, zero: str = "0") -> str:
    """1 answer is, 1,250 answers are. ``many``: where it is not ``one`` with an s; ``zero``: what is said for none."""
    if number == 1:
        return f"1 {one}"
    return f"{f'{number:,}' if number else zero} {many or f'{one}s'}"
