"""Security headers of every response: nothing loads from elsewhere, nothing runs inline."""

from __future__ import annotations

from types import MappingProxyType

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
# passkeys need the two that our own pages keep; nothing we serve needs the others
PERMISSIONS_POLICY = ", ".join(
    (
        *(
            f"{feature}=()"
            for feature in (
                "accelerometer",
                "autoplay",
                "camera",
                "display-capture",
                "geolocation",
                "gyroscope",
                "magnetometer",
                "microphone",
                "midi",
                "payment",
                "usb",
            )
        ),
        "publickey-credentials-create=(self)",
        "publickey-credentials-get=(self)",
    )
)
# two years and every name below ours: RFC 6797, OWASP ASVS 5.0 3.4.1
TRANSPORT_SECURITY = "max-age=63072000; includeSubDomains"
SECRET_PARTS = ("code", "key", "secret", "token")
"""Route arguments that end so let in whoever knows them; such pages tell nobody their address."""
FIXED = MappingProxyType(
    {
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": PERMISSIONS_POLICY,
    }
)
"""Headers that are the same on every answer, of the application and of the server under it."""


def init_app(app: Flask) -> None:
    """Set the headers on every response that has not chosen stricter ones itself."""
    usual = dict(FIXED) | {"Cache-Control": "no-store"}
    if app.config["BASE_URL"].startswith("https://"):
        usual["Strict-Transport-Security"] = TRANSPORT_SECURITY
    lines = [(name, name.lower(), value) for name, value in usual.items()]

    @app.after_request
    def _headers(response: Response) -> Response:
        headers = response.headers
        # looked up once: each question to werkzeug's headers goes through all of them
        chosen = {name.lower() for name, _ in headers}
        for name, low, value in lines:
            if low not in chosen:
                headers.add(name, value)
        if "referrer-policy" not in chosen:
            policy = "no-referrer" if has_secret_address() else "same-origin"
            headers.add("Referrer-Policy", policy)
        return response


def has_secret_address() -> bool:
    """Whether the address of this request lets in whoever knows it."""
    return any(name.endswith(SECRET_PARTS) for name in request.view_args or ())
