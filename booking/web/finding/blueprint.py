"""The blueprint that the pages of the search register with."""

from flask import Blueprint

blueprint = Blueprint("finding", __name__)
