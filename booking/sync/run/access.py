"""What a run may ask, and how it signs in."""

from booking.config import Config
from booking.core.connections import ConnectionView
from booking.net import Guard
from booking.sync.tokens import bearer_of
from booking.sync.transport import Credentials
from booking.vault import Vault


def guard_of(config: Config) -> Guard:
    """Return what may be asked: the internet by https, and the operator's trusted hosts."""
    return Guard(trusted=frozenset(config.calendars.trusted_hosts.lower().split()))


def credentials_of(found: ConnectionView, config: Config) -> Credentials:
    """Return how to sign in for a connection.

    Raises:
        Unopenable: If the key of its password is gone.
        RemoteError: If its token has ended, and its provider gives no other.
    """
    account = found.account
    if account.scheme == "oauth":
        return bearer_of(found, config, guard_of(config))
    secret = Vault(config).open(account.secret)
    return Credentials(found.url or account.home, account.username, secret, account.scheme)
