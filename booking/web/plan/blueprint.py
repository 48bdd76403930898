"""The blueprint of the plan, apart, so that its pages can be in several files."""

from flask import Blueprint

blueprint = Blueprint("plan", __name__)
