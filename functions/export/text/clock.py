"""Times of a lecture as a reader writes them."""


def clock(seconds: float) -> str:
    """`03:15`, from an hour on `1:03:15`."""
    minutes, second = divmod(max(0, int(seconds)), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute:02d}:{second:02d}"


def length(seconds: float) -> str:
    """`1 h 03 min`, `42 min`, under a minute `35 s`."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return f"{round(seconds)} s"
    hours, minute = divmod(minutes, 60)
    return f"{hours} h {minute:02d} min" if hours else f"{minute} min"


def timestamp(milliseconds: int, point: str) -> str:
    """`00:03:15.250`, with the decimal sign that a caption format asks for."""
    seconds, milli = divmod(milliseconds, 1000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:02d}:{minute:02d}:{second:02d}{point}{milli:03d}"
