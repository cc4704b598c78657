"""The clock of an installation that a test sets: each of its processes follows, whenever it was started."""

import os
from datetime import timedelta
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent / "jumping_clock"
_OFFSET_VARIABLE = "TESTS_CLOCK_OFFSET"


class ClockJumps:
    """The offset from the right time lies in `file`, which has to be on a disk that does not fill."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.offset = timedelta(0)

    def environment(self, others: dict[str, str]) -> dict[str, str]:
        """What a process needs in its environment to follow, beside what is in `others` already."""
        path = os.pathsep.join(filter(None, (str(_FOLDER), others.get("PYTHONPATH"))))
        return {"PYTHONPATH": path, _OFFSET_VARIABLE: str(self._file)}

    def jump(self, offset: timedelta) -> None:
        """Each process is off by `offset` from at most 50 ms from now on."""
        part = self._file.with_suffix(".part")
        part.write_text(str(offset.total_seconds()), encoding="ascii")
        part.replace(self._file)
        self.offset = offset
