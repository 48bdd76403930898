"""``GET /health``: is the service well?  For a monitor, without signing in."""

import logging

from flask import Blueprint, jsonify
from werkzeug.wrappers import Response

from booking.health import quick
from booking.web.context import config, now

log = logging.getLogger("booking.health")
blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
def health() -> Response:
    """Answer what is well and what is not; 503 where something is not.

    The answer names no reason: those are in the log, and `booking doctor` tells them.
    """
    checks = quick(config().database_url, now=now())
    is_well = all(check.is_ok for check in checks)
    for check in checks:
        if check.status == "failing":
            extra = {"check": check.name, "problem": check.code, **check.params}
            log.error("not well: run `booking doctor`", extra=extra)
    response = jsonify(
        {"status": "ok" if is_well else "failing"} | {check.name: check.status for check in checks}
    )
    response.status_code = 200 if is_well else 503
    return response
