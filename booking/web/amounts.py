"""Template filters for money, areas and shares of a whole, in the reader's language."""

from decimal import Decimal

from babel.numbers import format_currency, format_decimal
from flask import Flask
from flask_babel import get_locale

CURRENCY = "EUR"


def euros(amount: Decimal) -> str:
    """Return an amount with its currency: 1 234,50 €."""
    return str(format_currency(amount, CURRENCY, locale=get_locale()))


def plain(number: Decimal | float, most: int = 2) -> str:
    """Return a number with as many places as it needs, at most ``most``: 12, 12,5."""
    pattern = f"#,##0.{'#' * most}" if most else "#,##0"
    return str(format_decimal(number, format=pattern, locale=get_locale()))


def area(square_metres: Decimal | float) -> str:
    """Return an area with its unit: 38,5 m²."""
    return f"{plain(square_metres)}\N{NO-BREAK SPACE}m²"  # the space does not break


def typed(number: Decimal | None) -> str:
    """Return a number as a field of a form has it: 38,5 without any grouping."""
    if number is None:
        return ""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return str(format_decimal(Decimal(text), format="0.####", locale=get_locale()))


def init_app(app: Flask) -> None:
    """Give the filters to all templates."""
    for each in (euros, plain, area):
        app.add_template_filter(each)
