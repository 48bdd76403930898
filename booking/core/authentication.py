"""What a relay says of a mail's sender: Authentication-Results (RFC 8601).  Pure.

Only the topmost header counts, and only if it has the name of the relay that we
trust: what stands below was written by others, maybe by the sender.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MOST = 10_000
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_RESULT = re.compile(r"\s*([a-z0-9-]+)(?:/\d+)?\s*=\s*([a-z]+)", re.IGNORECASE)
_PROPERTY = re.compile(r"([a-z]+)\s*\.\s*([a-z0-9_-]+)\s*=\s*(\S+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Result:
    """One method's word: ``dkim``, ``spf``, ``dmarc``, and by what (``header.d``)."""

    method: str
    said: str
    properties: Mapping[str, str]


def is_proven(headers: Sequence[str], sender: str, authserv_id: str) -> bool:
    """Whether the relay says that a mail comes from where it says it does.

    ``headers`` are the Authentication-Results from the top, ``sender`` is the
    address of From.  True with dmarc=pass, or dkim=pass or spf=pass of the
    sender's own domain or one above it; never with dmarc=fail.
    """
    if not headers or not authserv_id:
        return False
    name, results = parsed(headers[0])
    if name != authserv_id.lower():
        return False
    domain = sender.rpartition("@")[2].lower()
    if any(each.method == "dmarc" and each.said == "fail" for each in results):
        return False
    return any(_speaks_for(each, domain) for each in results)


def parsed(header: str) -> tuple[str, list[Result]]:
    """Return the name of whoever wrote a header, and what it says; "" where it is unreadable."""
    text = _without_comments(header[:MOST])
    head, *rest = _parts(text)
    words = head.split()
    if not words or not rest:
        return "", []
    found = []
    for each in rest:
        result = _RESULT.match(each)
        if result is None:
            continue
        properties = {
            f"{kind}.{key}".lower(): value.strip('"').lower()
            for kind, key, value in _PROPERTY.findall(each[result.end() :])
        }
        found.append(Result(result[1].lower(), result[2].lower(), properties))
    return words[0].strip('"').lower(), found


def _speaks_for(result: Result, domain: str) -> bool:
    if result.said != "pass":
        return False
    told = result.properties
    if result.method == "dmarc":
        return told.get("header.from", domain).rpartition("@")[2] == domain
    if result.method == "dkim":
        signer = told.get("header.d") or told.get("header.i", "")
        return _is_above(signer.rpartition("@")[2], domain)
    if result.method == "spf":
        return _is_above(told.get("smtp.mailfrom", "").rpartition("@")[2], domain)
    return False


def _is_above(signer: str, domain: str) -> bool:
    """Whether a domain is the sender's or one that it lies in, and no mere ending."""
    if signer == domain:
        return bool(domain)
    return "." in signer and domain.endswith(f".{signer}")


def _without_comments(text: str) -> str:
    """Return a header without its comments, which may lie in each other (RFC 5322 §3.2.2)."""
    kept, depth, quoted, escaped = [], 0, False, False
    for letter in text:
        if escaped:
            escaped = False
        elif letter == "\\":
            escaped = True
        elif letter == '"' and not depth:
            quoted = not quoted
        elif letter == "(" and not quoted:
            depth += 1
        elif letter == ")" and not quoted and depth:
            depth -= 1
            continue
        if not depth:
            kept.append(letter)
    return "".join(kept)


def _parts(text: str) -> list[str]:
    """Return what stands between semicolons, those in quotes apart."""
    hidden = _QUOTED.sub(lambda found: found[0].replace(";", " ").replace("=", " "), text)
    return hidden.split(";")
