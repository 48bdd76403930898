"""Sites, spaces and organisations: made by an administrator."""

from booking.actions.spaces.checks import admins_only
from booking.actions.spaces.organisations import create_organisation
from booking.actions.spaces.policies import set_policy, set_site_policy
from booking.actions.spaces.sites import SiteRequest, create_site
from booking.actions.spaces.spaces import SpaceRequest, create_space

__all__ = [
    "SiteRequest",
    "SpaceRequest",
    "admins_only",
    "create_organisation",
    "create_site",
    "create_space",
    "set_policy",
    "set_site_policy",
]
