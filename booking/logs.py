"""Structured logs with a request id; nothing secret gets into them."""

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime

from booking.config import Log

request_id: ContextVar[str] = ContextVar("request_id", default="-")

# Links that are secrets themselves: /feeds/<token>.ics, /invitations/<token>, /by-mail/<token>.
_SECRET_PATH = re.compile(r"(/(?:feeds|invitations|by-mail)/)[^/?\s\"]+")
_STANDARD = frozenset(vars(logging.makeLogRecord({})))


def without_secrets(text: str) -> str:
    """Return ``text`` with the secret part of links replaced."""
    return _SECRET_PATH.sub(r"\1***", text)


class TextFormatter(logging.Formatter):
    """One line for people: time, level, request, message, then key=value."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with the stack below it for an error."""
        when = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        extras = " ".join(f"{key}={value}" for key, value in _extras(record).items())
        line = f"{when} {record.levelname:<7} {request_id.get()} {record.getMessage()} {extras}"
        if record.exc_info:
            line = f"{line}\n{self.formatException(record.exc_info)}"
        return without_secrets(line.rstrip())


class JsonFormatter(logging.Formatter):
    """One JSON object a line, for machines."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the object as text."""
        entry: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "request": request_id.get(),
            "message": record.getMessage(),
            **_extras(record),
        }
        if record.exc_info:
            entry["error"] = self.formatException(record.exc_info)
        return without_secrets(json.dumps(entry, ensure_ascii=False, default=str))


def _extras(record: logging.LogRecord) -> dict[str, object]:
    return {
        key: value
        for key, value in vars(record).items()
        if key not in _STANDARD and key not in ("message", "asctime", "taskName")
    }


def set_up(log: Log) -> None:
    """Send everything to standard error in the configured shape; may be called again."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if log.format == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(log.level.upper())
    # Alembic tells every step, the server every connection: only when asked for.
    for noisy in ("alembic", "waitress", "werkzeug"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
