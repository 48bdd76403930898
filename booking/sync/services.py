"""What a domain says in DNS about its calendars: server, port and path (RFC 6764 §3 and §4).

DNS is not believed: what it names goes through the guard like anything that is
typed, and a server outside of the domain is agreed to by the person first.
"""

import re
from urllib.parse import urlsplit

from dns.exception import DNSException
from dns.resolver import Resolver

SECONDS = 3.0  # for each of the two questions
MOST_SERVERS = 2
_NAME = re.compile(r"[a-z0-9_]([a-z0-9._-]{0,251}[a-z0-9_])?")
_PATH = re.compile(r"/[!-~]{0,200}")


def services(domain: str, resolver: Resolver | None = None) -> list[str]:
    """Return addresses at which the calendars of a domain may be, the best first.

    None where DNS says nothing, does not answer in time, or is not there.
    ``resolver`` is the system's.
    """
    try:
        asked = resolver or _resolver()
        name = f"_caldavs._tcp.{domain}"
        found = asked.resolve(name, "SRV", search=False)
    except (DNSException, OSError, UnicodeError, ValueError):
        return []
    best = sorted(found, key=lambda each: (each.priority, -each.weight))[:MOST_SERVERS]
    hosts = [(each.target.to_text(omit_final_dot=True).lower(), each.port) for each in best]
    paths = [_path(asked, name) or "/.well-known/caldav", "/"]
    # A target of a dot says that there is no such service (RFC 2782).
    urls = [
        f"https://{host}:{port}{path}"
        for host, port in hosts
        for path in dict.fromkeys(paths)
        if _NAME.fullmatch(host)
    ]
    return [each.replace(":443/", "/", 1) for each in urls if urlsplit(each).hostname]


def _resolver() -> Resolver:
    resolver = Resolver()
    resolver.lifetime = SECONDS
    return resolver


def _path(resolver: Resolver, name: str) -> str:
    """Return the path that a TXT record names, empty where there is none."""
    try:
        found = resolver.resolve(name, "TXT", search=False)
    except (DNSException, OSError, UnicodeError, ValueError):
        return ""
    for record in found:
        for text in record.strings:
            key, _equals, path = text.decode("ascii", "replace").partition("=")
            if key == "path" and _PATH.fullmatch(path) and not path.startswith("//"):
                return str(path)
    return ""
