"""Words of the titles that are stored already; compared by their letters alone.

A range of words, which is what the beginning of one means, uses the index
only where the order of words is that of their letters.
"""

import sqlalchemy as sa
from alembic import op

from booking.core.words import words_of

revision = "0009"
down_revision = "0008"

SOME = 1_000


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.alter_column("booking_word", "word", type_=sa.String(40, collation="C"))
    known = sa.text("SELECT id, title FROM booking WHERE id > :last ORDER BY id LIMIT :some")
    store = sa.text(
        "INSERT INTO booking_word (word, booking_id) VALUES (:word, :booking_id)"
        " ON CONFLICT DO NOTHING"
    )
    last = 0
    while rows := connection.execute(known, {"last": last, "some": SOME}).all():
        last = rows[-1].id
        words = [
            {"word": word, "booking_id": row.id} for row in rows for word in words_of(row.title)
        ]
        if words:
            connection.execute(store, words)
