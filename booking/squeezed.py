"""Answers that are kept as gzip: squeezed once, sent as often as they are asked for.

Flask-Compress leaves them alone, as they name their encoding themselves; it
names tags the same way (``"tag:gzip"``).
"""

import gzip
import zlib
from collections.abc import Iterator

from flask import Response, request, stream_with_context

LEVEL = 4  # of 9: half the work of 6, a few percent more bytes
_GZIP = zlib.MAX_WBITS | 16  # with the head and the end of a file


def squeeze(body: bytes) -> bytes:
    """Return the gzip form; the same bytes for the same body."""
    return gzip.compress(body, LEVEL, mtime=0)


def is_known(etag: str) -> bool:
    """Whether the reader has this version, squeezed or not."""
    known = request.if_none_match
    return known.contains_weak(etag) or known.contains_weak(f"{etag}:gzip")


def answer(body: bytes | Iterator[bytes], content_type: str, etag: str) -> Response:
    """Return what ``squeeze`` gave, unpacked for those who do not take gzip.

    Or pieces that nobody has squeezed yet: each is made while the one before is on its way.
    """
    takes_gzip = request.accept_encodings.quality("gzip") > 0
    sent: bytes | Iterator[bytes]
    if isinstance(body, bytes):
        sent = body if takes_gzip else gzip.decompress(body)
    else:
        sent = stream_with_context(_squeezed(body) if takes_gzip else body)
    response = Response(sent, content_type=content_type)
    response.set_etag(f"{etag}:gzip" if takes_gzip else etag)
    if takes_gzip:
        response.headers["Content-Encoding"] = "gzip"
    return response


def _squeezed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the gzip form of pieces together."""
    squeezing = zlib.compressobj(LEVEL, wbits=_GZIP)
    for each in pieces:
        if some := squeezing.compress(each):
            yield some
    yield squeezing.flush()
