"""Sites, spaces and organisations: made and changed by an administrator."""

from booking.actions.spaces.allowances import set_limits
from booking.actions.spaces.checks import admins_only
from booking.actions.spaces.drawing import Drawn, FloorDrawing, draw_floor
from booking.actions.spaces.editing import (
    SpaceEdit,
    archive_space,
    edit_space,
    order_spaces,
    restore_space,
)
from booking.actions.spaces.organisations import (
    archive_organisation,
    create_organisation,
    edit_organisation,
)
from booking.actions.spaces.policies import Asking, set_policy, set_site_policy
from booking.actions.spaces.sites import (
    SiteEdit,
    SiteRequest,
    archive_site,
    create_site,
    edit_site,
    restore_site,
)
from booking.actions.spaces.spaces import SpaceRequest, create_space

__all__ = [
    "Asking",
    "Drawn",
    "FloorDrawing",
    "SiteEdit",
    "SiteRequest",
    "SpaceEdit",
    "SpaceRequest",
    "admins_only",
    "archive_organisation",
    "archive_site",
    "archive_space",
    "create_organisation",
    "create_site",
    "create_space",
    "draw_floor",
    "edit_organisation",
    "edit_site",
    "edit_space",
    "order_spaces",
    "restore_site",
    "restore_space",
    "set_limits",
    "set_policy",
    "set_site_policy",
]
