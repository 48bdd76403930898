"""Photos: nothing is kept but the picture, and nothing else gets in."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from booking.core.errors import InvalidRequest
from booking.pictures import HIGHEST, MOST_BYTES, WIDEST, cleaned

ORIENTATION, GPS, LATITUDE = 0x0112, 0x8825, 2


def written(image: Image.Image, kind: str = "JPEG", **more: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def read(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def test_place_time_and_comments_are_gone_and_it_stands_upright() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # turned by a quarter
    exif[0x010F] = "Secret Camera"
    exif.get_ifd(GPS)[LATITUDE] = (45.0, 2.0, 44.0)
    data = written(Image.new("RGB", (300, 200), "red"), exif=exif, comment=b"at home")
    assert b"Secret Camera" in data

    found = cleaned(data)

    assert (found.width, found.height) == (200, 300)
    assert b"Secret" not in found.content
    assert b"at home" not in found.content
    assert not read(found.content).getexif()
    assert len(found.digest) == 32


def test_large_ones_become_as_large_as_a_page_shows() -> None:
    found = cleaned(written(Image.new("RGB", (6000, 3000), "blue")))
    assert found.width == WIDEST
    assert found.height <= HIGHEST
    assert read(found.content).format == "JPEG"


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_is_seen_through_becomes_white(kind: str) -> None:
    found = cleaned(written(Image.new("RGBA", (10, 10), (0, 0, 0, 0)), kind))
    corner = read(found.content).getpixel((0, 0))
    assert min(corner) > 250  # type: ignore[type-var, arg-type]


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "1", "I;16"])
def test_other_colours_can_be_read(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert cleaned(written(Image.new(mode, (10, 10)), kind)).width == 10


def huge_png(side: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        checked = name + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


PHOTO = written(Image.effect_noise((200, 200), 50).convert("RGB"))
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"", "photo_missing", id="nothing"),
        pytest.param(SVG, "photo_unreadable", id="svg"),
        pytest.param(b"GIF89a" + b"\0" * 50, "photo_unreadable", id="broken-gif"),
        pytest.param(written(Image.new("RGB", (9, 9)), "GIF"), "photo_unreadable", id="gif"),
        pytest.param(written(Image.new("RGB", (9, 9)), "TIFF"), "photo_unreadable", id="tiff"),
        pytest.param(PHOTO[: len(PHOTO) // 2], "photo_unreadable", id="half"),
        pytest.param(PHOTO[:30], "photo_unreadable", id="head"),
        pytest.param(b"%PDF-1.7", "photo_unreadable", id="pdf"),
        pytest.param(b"\xff\xd8\xff\xe0" + b"\0" * 5000, "photo_unreadable", id="zeros"),
        pytest.param(huge_png(50_000), "photo_too_large", id="bomb"),
        pytest.param(huge_png(8_000), "photo_too_large", id="large"),
        pytest.param(huge_png(2_000), "photo_unreadable", id="cut-off"),
        pytest.param(b"\0" * (MOST_BYTES + 1), "photo_too_big", id="heavy"),
    ],
)
def test_anything_else_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(InvalidRequest, match=code):
        cleaned(data)
