"""The table of claims, through the service, in memory and in a folder; and through `handle`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from sim.registry.auth import EVERYBODY
from sim.registry.disk import DiskStorage
from sim.registry.messages import Part, Request, Response
from sim.registry.plan import Moment
from sim.registry.server import handle
from sim.registry.service import Service
from sim.registry.state import Policy, Registry
from sim.registry.storage import MemoryStorage, Storage
from tests.registry.conformance import CLAIMS, Claim, Send


def through_service(storage: Storage, policy: Policy | None = None) -> Send:
    numbers = count()
    service = Service(storage, policy or Policy(), clock=lambda: 1.0, seeds=lambda: str(next(numbers)))

    def send(request: Request) -> Response:
        response = service.handle(request)
        return replace(response, body=service.body(response))

    return send


def through_handle(storage: Storage) -> Send:
    state, numbers = Registry(), count()

    def send(request: Request) -> Response:
        nonlocal state
        state, response = handle(state, request, storage, EVERYBODY, Moment(1.0, str(next(numbers))))
        part = response.body
        return replace(response, body=b"".join(storage.provide(part)) if isinstance(part, Part) else part)

    return send


@pytest.fixture(params=["memory", "disk", "handle"])
def send(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Send]:
    if request.param == "disk":
        with DiskStorage(tmp_path / "registry") as storage:
            yield through_service(storage)
    else:
        make: Callable[[Storage], Send] = through_handle if request.param == "handle" else through_service
        yield make(MemoryStorage())


@pytest.mark.parametrize("one", CLAIMS, ids=[one.name for one in CLAIMS])
def test_claim(one: Claim, send: Send) -> None:
    one.hold(send)


def test_every_answer_says_its_length(send: Send) -> None:
    def checked(request: Request) -> Response:
        response = send(request)
        told = response.header("Content-Length")
        if response.status in (204, 304):
            assert told is None and response.body == b""
        elif request.method != "HEAD":
            assert told == str(response.length)
        assert response.header("Docker-Distribution-Api-Version") == "registry/2.0"
        assert all(value.isprintable() and value.isascii() for _, value in response.headers)
        assert response.reason
        return response

    for one in CLAIMS:
        one.hold(checked)
