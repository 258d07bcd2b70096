"""Signed links that let the visitor of a demonstration on this machine be any role."""

from __future__ import annotations

from itsdangerous import BadSignature, URLSafeSerializer

from accounts.models import Role


def make_demo_key(role: Role, *, secret: str | bytes) -> str:
    """The unguessable part of the sign-in link of a role."""
    return URLSafeSerializer(secret, salt="demo sign-in").dumps(role.value)


def read_demo_key(key: str, *, secret: str | bytes | None) -> Role | None:
    """The role a link stands for, or None when it was not made with this secret."""
    if not secret:
        return None
    try:
        return Role(URLSafeSerializer(secret, salt="demo sign-in").loads(key))
    except (BadSignature, ValueError):
        return None
