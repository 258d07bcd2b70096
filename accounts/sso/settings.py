"""Reads the settings of single sign-on; a wrong one is refused by name before anything starts."""

from __future__ import annotations

from collections.abc import Mapping

from accounts.sso import oidc

LONGEST_LABEL = 40


def read_registration(env: Mapping[str, str], *, base_url: str) -> oidc.Registration | None:
    """What BLOCKWISE_OIDC_… say; None when there is no issuer.

    Raises ValueError with a sentence that names the variable and the fix.
    """
    issuer = env.get("BLOCKWISE_OIDC_ISSUER", "").strip()
    if not issuer:
        return None
    if not oidc.is_safe_address(issuer):
        raise ValueError(
            "BLOCKWISE_OIDC_ISSUER must be the https address of the provider, "
            "like https://login.example.org/realms/clinics"
        )
    if missing := oidc.missing_packages():
        raise ValueError(
            f"BLOCKWISE_OIDC_ISSUER needs packages that are not installed: {', '.join(missing)}. "
            "Type ./run setup-program with it set, or: .venv/bin/pip install --require-hashes "
            "-r requirements-sso.lock"
        )
    links_by_email = env.get("BLOCKWISE_OIDC_ALLOW_NEW", "").strip() or "1"
    if links_by_email not in {"0", "1"}:
        raise ValueError(
            "BLOCKWISE_OIDC_ALLOW_NEW must be 1 (a verified email finds the person the first time) "
            "or 0 (everybody links their account themselves)"
        )
    return oidc.Registration(
        issuer=issuer,
        client_id=_given(env, "BLOCKWISE_OIDC_CLIENT_ID"),
        client_secret=_given(env, "BLOCKWISE_OIDC_CLIENT_SECRET"),
        label=env.get("BLOCKWISE_OIDC_LABEL", "").strip()[:LONGEST_LABEL] or "your organization",
        links_by_email=links_by_email == "1",
        return_address=f"{base_url}/sign-in/sso/return",
    )


def _given(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "").strip()
    if not value:
        raise ValueError(f"{name} is missing; the provider of your sign-in tells it to you")
    return value
