"""The blueprint of the calendar apps, apart, so that its pages can be in several files."""

from flask import Blueprint

blueprint = Blueprint("devices", __name__)
