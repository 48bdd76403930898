"""Answers that are kept as gzip: squeezed once, sent as often as they are asked for.

Flask-Compress leaves them alone, as they name their encoding themselves; it
names tags the same way (``"tag:gzip"``).
"""

import gzip

from flask import Response, request

LEVEL = 4  # of 9: half the work of 6, a few percent more bytes


def squeeze(body: bytes) -> bytes:
    """Return the gzip form; the same bytes for the same body."""
    return gzip.compress(body, LEVEL, mtime=0)


def is_known(etag: str) -> bool:
    """Whether the reader has this version, squeezed or not."""
    known = request.if_none_match
    return known.contains_weak(etag) or known.contains_weak(f"{etag}:gzip")


def answer(squeezed: bytes, content_type: str, etag: str) -> Response:
    """Return what ``squeeze`` gave, unpacked for those who do not take gzip."""
    if request.accept_encodings.quality("gzip") > 0:
        response = Response(squeezed, content_type=content_type)
        response.headers["Content-Encoding"] = "gzip"
        response.set_etag(f"{etag}:gzip")
    else:
        response = Response(gzip.decompress(squeezed), content_type=content_type)
        response.set_etag(etag)
    return response
