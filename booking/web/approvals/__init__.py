"""Where requests are decided: the queue, and each request beside its rivals."""

from booking.web.approvals import deciding, page, queue
from booking.web.approvals.blueprint import blueprint

__all__ = ["blueprint", "deciding", "page", "queue"]
