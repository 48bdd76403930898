"""What templates write is escaped as Jinja escapes it."""

from datetime import date

import pytest
from flask import Flask
from markupsafe import Markup, escape

from booking.web.written import escaped

VALUES = ["", "plain", "a & b", "<b>", "'", '"', 7, True, None, 1.5, date(2027, 3, 10)]


@pytest.mark.parametrize("value", [*VALUES, Markup("<b>&amp;</b>"), ["<"]], ids=repr)
def test_escaped_writes_what_markupsafe_does(value: object) -> None:
    assert str(escaped(value)) == str(escape(value))


class Name(str):
    """A text that is none of ours."""

    __slots__ = ()


def test_texts_of_other_kinds_are_escaped() -> None:
    assert escaped(Name("<b>")) == "&lt;b&gt;"


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ x }}", "&lt;&amp;&gt;"),
        ("{{ x|safe }}", "<&>"),
        ("{% set y %}<b>{{ x }}</b>{% endset %}{{ y }}", "<b>&lt;&amp;&gt;</b>"),
        ("{% macro m(v) %}<i>{{ v }}</i>{% endmacro %}{{ m(x) }}", "<i>&lt;&amp;&gt;</i>"),
        ("{{ x ~ '<' }}", "&lt;&amp;&gt;&lt;"),
        ("{% autoescape false %}{{ x }}{% endautoescape %}", "<&>"),
        ("{% filter upper %}{{ x }}a{% endfilter %}", "&LT;&AMP;&GT;A"),
        ("{% for each in [x] %}{{ each }}{% endfor %}", "&lt;&amp;&gt;"),
    ],
)
def test_templates_escape_what_they_write(app: Flask, template: str, expected: str) -> None:
    with app.test_request_context():
        found = app.jinja_env.from_string(template)
        assert found.render(x="<&>") == expected
