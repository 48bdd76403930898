"""What templates write: some thousand values a page, so escaped by the shortest way there is."""

import re
from typing import Any

from flask import Flask
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, escape

_SPECIAL = re.compile("[&<>'\"]")


def escaped(value: Any) -> str:
    """Return what ``markupsafe.escape`` returns, as an ordinary text where nothing is special.

    A template joins what it writes: only what it keeps must know that it is safe.
    """
    kind = type(value)
    if kind is str:
        return value if _SPECIAL.search(value) is None else escape(value)
    if kind is Markup:
        return value
    return str(value) if kind is int else escape(value)


class Writer(CodeGenerator):
    """Compiles templates so that they escape with ``escaped``."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802
        """Import the name in front of all else."""
        self.writeline(f"from {__name__} import {escaped.__name__}")
        super().visit_Template(node, frame)

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile and finalize.src is None:
            self.write(f"{escaped.__name__}(")
        else:
            super()._output_child_pre(node, frame, finalize)


def init_app(app: Flask) -> None:
    """Compile the templates this way."""
    app.jinja_env.code_generator_class = Writer
