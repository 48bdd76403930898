"""What each kind of job does, and the work that comes round by itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import current_app

from booking import mail
from booking.config import Config
from booking.jobs.runner import Handler, Periodic, Permanent


def _mail(payload: Mapping[str, Any], now: datetime) -> None:
    config: Config = current_app.extensions["booking"]["config"]
    try:
        mail.deliver(int(payload["notice"]), config, now=now)
    except mail.Refused as error:
        raise Permanent(str(error)) from error


HANDLERS: Mapping[str, Handler] = {"mail": Handler(_mail)}
PERIODIC: Mapping[str, Periodic] = {}
