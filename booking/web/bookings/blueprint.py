"""The blueprint that the pages of bookings register with."""

from flask import Blueprint

blueprint = Blueprint("bookings", __name__)

MOST_ID = 2_147_483_647
BOOKING = f"/bookings/<int(max={MOST_ID}):booking_id>"
