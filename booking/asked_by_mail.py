"""Links by which somebody confirms to have sent a mail that asks for a room."""

from booking.secrets import sealed, unsealed

PURPOSE = "booking by mail"


def confirm_path(received_id: int, key: bytes) -> str:
    """Return the path of the page that asks to confirm."""
    return f"/asked-by-mail/{sealed([received_id], key, PURPOSE)}"


def asked_by_link(token: str, key: bytes) -> int | None:
    """Return the id of the mail whose link this is, None where it is none of ours."""
    values = unsealed(token, key, PURPOSE)
    return values[0] if values and len(values) == 1 else None
