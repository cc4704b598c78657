"""Time zones by their names."""

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from aianime_pipeline.errors import BadSettingError

_NO_PLACE = {"localtime", "Factory"}
"""Names that mean something else on each machine, or nothing."""


def parse_zone(text: str) -> ZoneInfo:
    """The zone, also where only capital letters differ. Raises BadSettingError."""
    name = _names().get(text.strip().casefold())
    if name is None:
        raise BadSettingError(
            f"{text[:64]!r} is no time zone; right would be a name such as Asia/Shanghai, Europe/Berlin or UTC.",
            time_zone=text,
        )
    return ZoneInfo(name)


@cache
def _names() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones() - _NO_PLACE}
