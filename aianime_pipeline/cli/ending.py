"""How a command ends: exit codes, and every error told on both streams without a traceback.

Exit codes: 0 done, 1 something failed, 2 bad usage or bad input, 3 waiting for review.
"""

import errno
import sys
import traceback
from collections.abc import Callable
from typing import Any

import typer

from aianime_pipeline.cli.arguments import print_json
from aianime_pipeline.errors import DatabaseError, DiskFullError, PipelineError, StorageError

EXIT_CODES = {"done": 0, "failed": 1, "cancelled": 1, "waiting": 3}

told_as: dict[str, bool] = {"debug": False, "json": False}
"""Of this process: whether tracebacks are shown, and errors told as JSON too."""


def report_errors(work: Callable[[], None]) -> None:
    """Do the work; every way out has its exit code and no traceback for a person's mistake."""
    _log_to_stderr()
    try:
        work()
    except PipelineError as error:
        _tell_error(error.code, error.message, error.details)
        sys.exit(error.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        _tell_error("ERR_STOPPED", "Stopped before it was done.", {})
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 - the last resort: told, with an exit code
        if hasattr(error, "format_message"):  # the option parser's own: bad usage
            _tell_error("ERR_USAGE", error.format_message(), {})
            sys.exit(2)
        known = outside_trouble(error)
        if known is not None:
            _tell_error(known.code, known.message, known.details)
            sys.exit(known.exit_code)
        _tell_error("ERR_UNEXPECTED", f"{type(error).__name__}: {error} (--debug shows where)", {})
        sys.exit(1)


def outside_trouble(error: BaseException) -> PipelineError | None:
    """What the machine did to us, in the pipeline's own words: a full disk, a folder or a database out of reach."""
    from sqlalchemy.exc import DatabaseError as DamagedDatabaseError
    from sqlalchemy.exc import OperationalError

    chain: list[BaseException] = [error]
    while (before := chain[-1].__cause__ or chain[-1].__context__) is not None and before not in chain:
        chain.append(before)
    for found in chain:
        if isinstance(found, OSError) and found.errno in (errno.ENOSPC, errno.EDQUOT):
            return DiskFullError(f"No space left on the disk ({found.filename or 'while writing'}).")
    for found in chain:
        # Exactly these: their other kinds (a broken constraint, bad SQL) are faults of the program.
        if type(found) in (OperationalError, DamagedDatabaseError):
            assert isinstance(found, DamagedDatabaseError)
            words = str(found.orig).strip().splitlines()[0]
            if "disk is full" in words or "disk I/O error" in words:
                return DiskFullError(f"The database cannot be written ({words}): is the disk full?")
            return DatabaseError(f"The database cannot be used: {words}. See AIANIME_DATABASE_URL and AIANIME_HOME.")
    if isinstance(error, OSError):
        return StorageError(f"{error.strerror or error}: {error.filename or 'a file'}. Look at AIANIME_HOME.")
    return None


def _tell_error(code: str, message: str, details: dict[str, Any]) -> None:
    if told_as["debug"]:
        traceback.print_exc()
    if told_as["json"]:
        print_json({"error": {"code": code, "message": message, "details": details}})
    typer.echo(f"{code}: {message}", err=True)


def _log_to_stderr() -> None:
    import logging

    import structlog

    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
