"""Fixtures of all integration tests."""

from __future__ import annotations

import pytest
from flask import Flask

from tests import situations
from tests.integration.tenants import Tenants
from tests.things import Things


@pytest.fixture
def tenants(app: Flask, database_url: str) -> Tenants:
    """Three clinics of two organizations, with a row in every table."""
    tenants: Tenants = situations.written("tenants", database_url)
    return tenants


@pytest.fixture
def things(app: Flask, database_url: str) -> tuple[Things, Things]:
    """One of everything that a route can name, of Alder Clinic and of Cedar Clinic."""
    things: tuple[Things, Things] = situations.written("things", database_url)
    return things
