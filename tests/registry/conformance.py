"""The table of claims: every MUST and SHOULD of the distribution specification 1.1 that binds a registry.

`CLAIMS` run through `handle` in test_conformance.py; another face of the registry runs them over its own `send`:

    for one in CLAIMS: one.hold(send)          send(Request) -> Response, with the body as bytes

Each claim uses repositories of its own, so that one registry can serve them all.
"""

from __future__ import annotations

from tests.registry import claims_lists, claims_manifests, claims_pull, claims_push
from tests.registry.kit import CLAIMS, Claim, Client, Send

__all__ = ["CLAIMS", "Claim", "Client", "Send", "claims_lists", "claims_manifests", "claims_pull", "claims_push"]
