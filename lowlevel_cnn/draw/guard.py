"""Keep the page to the person in front of it: refuse foreign pages, and forbid ours to load anything from elsewhere."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request

_LARGEST_REQUEST = 1 << 20
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    # A page of another version must not meet this one's modules.
    "Cache-Control": "no-store",
}


def guard(app: Flask, host: str) -> None:
    """Check each request to an application that listens at `host`, and add the headers to each answer.

    A page elsewhere that has its own name point to this machine ("DNS rebinding") sends that name as `Host`. Addresses
    cannot be made to point here, so any is accepted where the user has opened the page to a network.
    """
    app.config["MAX_CONTENT_LENGTH"] = _LARGEST_REQUEST
    is_loopback = _is_loopback(host)
    names = {"localhost"} if is_loopback else {"localhost", host.lower(), socket.gethostname().lower()}

    @app.before_request
    def check() -> None:
        name = _name_of(request.host)
        if name not in names and not (_is_loopback(name) if is_loopback else _is_address(name)):
            abort(403, "foreign Host")
        if request.headers.get("Origin", own := f"http://{request.host}") != own:
            abort(403, "foreign Origin")

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers.update(_HEADERS)
        return response


def _name_of(host: str) -> str:
    """Return a `Host` header without its port; "" for one that cannot be read."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(name: str) -> bool:
    return name == "localhost" or (_is_address(name) and ipaddress.ip_address(name).is_loopback)
