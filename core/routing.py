"""Ids in addresses: only numbers that the database can hold reach a view."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

LARGEST_ID = 2**31 - 1


class IdConverter(IntegerConverter):
    """A whole number from 0 to LARGEST_ID; anything else is an address that does not exist."""

    # plain digits, few enough that Python turns any of them into a number
    regex = "[0-9]{1,10}"

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=LARGEST_ID)


def init_app(app: Flask) -> None:
    """Let `<int:…>` in every route mean an id; must come before the routes."""
    app.url_map.converters["int"] = IdConverter
