"""How much a request may send: little, but for the few routes that take files."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request

View = TypeVar("View", bound=Callable[..., Any])
_MOST = "most_bytes"


def takes(most_bytes: int) -> Callable[[View], View]:
    """Let a view take a body of so many octets; decorates it last."""

    def marked(view: View) -> View:
        setattr(view, _MOST, most_bytes)
        return view

    return marked


def init_app(app: Flask) -> None:
    """Raise the limit for views that take more, before anything reads a form."""

    @app.before_request
    def raise_limit() -> None:
        view = current_app.view_functions.get(request.endpoint or "")
        if most := getattr(view, _MOST, None):
            request.max_content_length = most
