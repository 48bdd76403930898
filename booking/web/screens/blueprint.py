"""The blueprint of the screens, apart, so that its pages can be in several files."""

from flask import Blueprint

blueprint = Blueprint("screens", __name__)
