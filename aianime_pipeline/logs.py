"""How a service of ours writes its log: one line an event, JSON for programs and plain words on a terminal, with the id
of the web request that it belongs to. A traceback shows where, and never what the variables held: there are secrets
among them."""

import logging
import sys
from typing import Any

import structlog


def configure_logs(*, level: int = logging.INFO) -> None:
    """For the whole process; to the standard error stream."""
    terminal = sys.stderr.isatty()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Any] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if terminal
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    structlog.configure(
        processors=shared + last,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_to_standard_error,
        cache_logger_on_first_use=False,
    )


def _to_standard_error(*_names: object) -> structlog.PrintLogger:
    """The stream of the moment: tests put another one in its place."""
    return structlog.PrintLogger(sys.stderr)
