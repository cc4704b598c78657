"""Has every Python process that finds this folder on its PYTHONPATH live by a clock that is off by what a file says.

Python imports a module of this name when it starts. Where `OFFSET_VARIABLE` names the file, the product's clock is
replaced as soon as it is there, by the means that it has for that; whoever writes the file is clock_jumps.py.
"""

import importlib.util
import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

OFFSET_VARIABLE = "TESTS_CLOCK_OFFSET"
_MODULE = "aianime_pipeline.db.models.base"
_LOOK_SECONDS = 0.05


class _OffClock:
    """The wall's clock and the seconds that the file says; the right one while there is no file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._written, self._looked = 0, 0.0
        self._offset = timedelta(0)

    def __call__(self) -> datetime:
        if time.monotonic() - self._looked >= _LOOK_SECONDS:
            self._look()
        return datetime.now(UTC) + self._offset

    def _look(self) -> None:
        self._looked = time.monotonic()
        try:
            written = self._file.stat().st_mtime_ns
            if written != self._written:
                self._offset = timedelta(seconds=float(self._file.read_text(encoding="ascii")))
                self._written = written
        except FileNotFoundError:
            self._offset = timedelta(0)


class _Finder:
    """Finds the one module as everybody does, and puts the clock in once it is executed."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._kept: list[object] = []

    def find_spec(
        self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != _MODULE:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        assert spec is not None
        loader = spec.loader
        assert loader is not None
        execute = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            # A block that nobody leaves: it would end with the context manager.
            self._kept.append(block := module.clock(self._clock))
            block.__enter__()

        loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


if OFFSET_VARIABLE in os.environ:
    sys.meta_path.insert(0, _Finder(_OffClock(Path(os.environ[OFFSET_VARIABLE]))))
