"""Helpers for tests of a registry in use: a service, a client of it, a body held open, threads, a failing disk."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable
from itertools import count

import pytest

from sim.content.digest import Digest
from sim.registry.messages import Head, Request, Response
from sim.registry.plan import Take
from sim.registry.service import Service
from sim.registry.state import Policy
from sim.registry.storage import Intake, Storage
from tests.registry.kit import Client, noise

SEEDS = count()
BLOB = noise("stored", 2000)
NAME = Digest.of(BLOB)


def opened(storage: Storage, policy: Policy | None = None) -> Service:
    return Service(storage, policy or Policy(), clock=lambda: 1.0, seeds=lambda: str(next(SEEDS)))


def client_of(service: Service, repo: str = "a/b") -> Client:
    def send(request: Request) -> Response:
        response = service.handle(request)
        return Response(response.status, response.headers, service.body(response), response.reason)

    return Client(send, repo)


def intake(service: Service, method: str, target: str, **headers: str) -> Intake:
    """Begin a request and hold its body open."""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    plan = service.begin(Head(method, target, named))
    assert isinstance(plan, Take), plan
    found = service.open(plan)
    assert isinstance(found, Intake), found
    return found


def failing(monkeypatch: pytest.MonkeyPatch, name: str, *, after: int = 0) -> None:
    """Make a function of `os` raise "no space left" from its call number `after` on, until undone."""
    real, calls = getattr(os, name), count()

    def fail(*words: object) -> object:
        if next(calls) >= after:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*words)

    monkeypatch.setattr(os, name, fail)


def at_once(work: Callable[[int], object], threads: int) -> None:
    """Run a function of a number on several threads at once; their errors are the test's."""
    errors: list[BaseException] = []

    def guarded(number: int) -> None:
        try:
            work(number)
        except BaseException as error:
            errors.append(error)

    running = [threading.Thread(target=guarded, args=(number,)) for number in range(threads)]
    for one in running:
        one.start()
    for one in running:
        one.join(60)
    assert not errors, errors
