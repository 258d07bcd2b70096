"""Fixtures of all integration tests."""

from __future__ import annotations

import pytest
from flask import Flask

from tests import situations
from tests.integration.tenants import Tenants


@pytest.fixture
def tenants(app: Flask) -> Tenants:
    """Three clinics of two organizations, with a row in every table."""
    tenants: Tenants = situations.written["tenants"]
    return tenants
