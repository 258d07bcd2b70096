"""The OpenAPI 3.1 description of the API, made from its table of addresses. PURE."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from research.api.schema import reference, schemas_of

PREFIX = "/api/v1"
PROBLEM = "application/problem+json"
ABOUT = (
    "Coded scores of clinics, as the Trends page shows them. Reading only. Every request but the "
    "one for this description carries a token of yours: `Authorization: Bearer bw_…`; you make "
    "tokens under Trends, API tokens. Clinics and organizations appear by code, attributes that "
    "would single out a clinic are left out, and everything is limited to what you may see. "
    "Answers carry an ETag: send it back as `If-None-Match` and get 304 when nothing has changed."
)
PROBLEMS: Mapping[int, str] = {
    400: "Something in the query cannot be understood; `detail` says what.",
    401: "The token is missing, unknown, revoked or expired.",
    403: "The role of the token's owner does not include this.",
    404: "There are no scores for this selection yet.",
    429: "More than 300 requests within 5 minutes with this token; `Retry-After` says how long.",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A field of the query. `schema` is that of one value; `many` fields may be repeated."""

    name: str
    description: str
    schema: Mapping[str, Any]
    many: bool = False


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address: its path below the prefix, what it tells, and what may be asked.

    `may_miss`: it answers 404 as long as there is nothing to tell.
    """

    path: str
    summary: str
    answer: type
    parameters: Sequence[Parameter] = ()
    may_miss: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str


def describe(endpoints: Sequence[Endpoint], *, version: str, server: str) -> dict[str, Any]:
    """The whole description; `server` is the address that people type, without a slash."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Blockwise",
            "version": version,
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": server + PREFIX}],
        "security": [{"token": []}],
        "tags": [{"name": "research", "description": "What the Trends page is made of."}],
        "paths": {one.path: {"get": _operation(one)} for one in endpoints},
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas_of(Problem, *(one.answer for one in endpoints)),
            "responses": {str(status): _problem(words) for status, words in PROBLEMS.items()},
        },
    }


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    statuses = [status for status in PROBLEMS if status != 404 or endpoint.may_miss]
    return {
        "operationId": endpoint.path.strip("/"),
        "tags": ["research"],
        "summary": endpoint.summary,
        "parameters": [*(_parameter(one) for one in endpoint.parameters), _IF_NONE_MATCH],
        "responses": {
            "200": {
                "description": endpoint.summary,
                "headers": {"ETag": {"schema": {"type": "string"}}},
                "content": {"application/json": {"schema": reference(endpoint.answer)}},
            },
            "304": {"description": "Nothing has changed since."},
            **{str(one): {"$ref": f"#/components/responses/{one}"} for one in statuses},
        },
    }


_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The ETag of an answer that you have.",
    "schema": {"type": "string"},
}


def _parameter(one: Parameter) -> dict[str, Any]:
    schema = {"type": "array", "items": dict(one.schema)} if one.many else dict(one.schema)
    shown = {"name": one.name, "in": "query", "description": one.description, "schema": schema}
    return shown | ({"style": "form", "explode": True} if one.many else {})


def _problem(words: str) -> dict[str, Any]:
    return {"description": words, "content": {PROBLEM: {"schema": reference(Problem)}}}
