"""Photos as they are stored: one format, one size, nothing in them but the picture.

What a camera writes beside it (place, time, serial number) is gone, and so is
whatever else a file may carry: the picture is decoded and written anew.
"""

import hashlib
import warnings
from dataclasses import dataclass
from io import BytesIO

from booking.core.errors import InvalidRequest

MOST_BYTES = 12 * 1024 * 1024
MOST_PIXELS = 60_000_000
WIDEST, HIGHEST = 1600, 1200
QUALITY = 82
MEDIA_TYPE = "image/jpeg"
_FORMATS = ("JPEG", "PNG", "WEBP")


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG with its size in pixels; ``digest`` is that of its content."""

    content: bytes
    width: int
    height: int

    @property
    def digest(self) -> str:
        """Return what names the content in addresses."""
        return hashlib.sha256(self.content).hexdigest()[:32]


def cleaned(data: bytes) -> Picture:
    """Return a photo that somebody chose, upright and no larger than a page shows.

    Raises:
        InvalidRequest: If it is no JPEG, PNG or WebP, is cut off, or has too many pixels.
    """
    # Loaded only where somebody chooses a photo: 40 ms and 10 MB.
    from PIL import Image, ImageOps  # noqa: PLC0415

    if not data:
        raise InvalidRequest.because("photo_missing", "photo")
    if len(data) > MOST_BYTES:
        raise InvalidRequest.because("photo_too_big", "photo", limit=MOST_BYTES // 1024**2)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about metadata that is thrown away
            image = Image.open(BytesIO(data), formats=_FORMATS)
            if image.width * image.height > MOST_PIXELS:
                raise Image.DecompressionBombError
            image.draft("RGB", (2 * WIDEST, 2 * HIGHEST))  # a large JPEG is read smaller
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((WIDEST, HIGHEST))
            plain = Image.new("RGB", upright.size, "white")
            seen = upright.convert("RGBA")
            plain.paste(seen, mask=seen.getchannel("A"))
            out = BytesIO()
            plain.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    except Image.DecompressionBombError:
        most = MOST_PIXELS // 1_000_000
        raise InvalidRequest.because("photo_too_large", "photo", limit=most) from None
    except (OSError, SyntaxError, ValueError, ArithmeticError):
        raise InvalidRequest.because("photo_unreadable", "photo") from None
    return Picture(out.getvalue(), plain.width, plain.height)
