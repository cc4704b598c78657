"""Moments that somebody waits for, by clocks that may jump. Pure."""

from datetime import datetime, timedelta


def has_come(at: datetime, moment: datetime, longest: timedelta) -> bool:
    """Whether `moment` has reached `at`, which was written at most `longest` before it.

    What lies further ahead was written by a clock that was ahead and has been set back: nobody waits for that.
    """
    return not moment < at <= moment + longest
