"""Links for invited people: each stands for one person and one booking, and for nothing else."""

from booking.secrets import sealed, unsealed

PURPOSE = "invitation to a booking"


def invitation_path(invitee_id: int, key: bytes) -> str:
    """Return the path of the page on which an invited person answers."""
    return f"/invited/{sealed([invitee_id], key, PURPOSE)}"


def invited_by_link(token: str, key: bytes) -> int | None:
    """Return the id of the invitee whose link this is, None where it is none of ours."""
    values = unsealed(token, key, PURPOSE)
    return values[0] if values and len(values) == 1 else None
