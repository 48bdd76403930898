"""The blueprint that the pages of permanences register with."""

from flask import Blueprint

blueprint = Blueprint("permanences", __name__)
