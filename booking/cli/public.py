"""Can others than this machine's users reach the service?"""

import socket
from ipaddress import ip_address
from urllib.parse import urlsplit

from booking.config import Config


def is_public(config: Config) -> bool:
    """Whether the service listens beyond this machine, or stands behind something that does.

    A proxy on the same machine, or a public address in links, tell of the latter.
    """
    named = urlsplit(config.server.public_url).hostname
    return (
        not is_loopback(config.server.host)
        or (named is not None and not is_loopback(named))
        or config.server.trusted_proxies > 0
    )


def is_loopback(host: str) -> bool:
    """Whether every address behind ``host`` is of this machine alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        pass
    if host.lower() == "localhost":
        return True
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return False
    return bool(host) and all(ip_address(str(each[4][0])).is_loopback for each in found)
