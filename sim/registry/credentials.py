"""Credentials as `docker login` leaves them, in config.json.

    {
      "auths": {"registry.test:5000": {"auth": "<base64 of NAME:PASSWORD>"},
                "https://index.docker.io/v1/": {"auth": …, "identitytoken": …}},
      "credHelpers": {"gcr.io": "gcloud"},          one registry's logins are with docker-credential-gcloud
      "credsStore": "desktop"                       all logins are with docker-credential-desktop
    }

base64 hides nothing: whoever reads the file has the password. A helper is a program beside docker that keeps it
elsewhere; this module names the helper and never runs one.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..content.descriptor import Fields, parse_json
from .reference import DOCKER_IO

INDEX_SERVER = "https://index.docker.io/v1/"
"""docker.io's key: older than its name."""
_HELPER = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
OAUTH_USER = "<token>"
"""The name that a helper gives where its secret is a refresh token."""


@dataclass(frozen=True, slots=True)
class Login:
    """What proves who we are: name and password, or a refresh token of the token service."""

    name: str
    password: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)

    @property
    def header(self) -> str:
        """``Basic …`` for an ``Authorization`` header."""
        return "Basic " + base64.b64encode(f"{self.name}:{self.password}".encode()).decode("ascii")


@dataclass(frozen=True, slots=True)
class Helper:
    """A program that keeps the login: ``docker-credential-NAME``."""

    name: str
    key: str

    @property
    def program(self) -> str:
        """Its file name."""
        return f"docker-credential-{self.name}"


@dataclass(frozen=True, slots=True)
class Logins:
    """What config.json says of logins, by the host of the registry."""

    auths: Mapping[str, Login] = field(default_factory=dict)
    helpers: Mapping[str, str] = field(default_factory=dict)
    store: str = ""

    def find(self, registry: str) -> Login | Helper | None:
        """Return the login for a registry, the helper that has it, or None.

        Examples
        --------
        >>> Logins(helpers={"gcr.io": "gcloud"}).find("gcr.io").program
        'docker-credential-gcloud'
        """
        key = INDEX_SERVER if registry == DOCKER_IO else registry
        named = self.helpers.get(key) or self.helpers.get(registry) or self.store
        if named:
            return Helper(named, key)
        return self.auths.get(host_key(key))


def host_key(key: str) -> str:
    """Return the host that a key of ``auths`` is about: keys have been URLs, and still are for docker.io.

    Examples
    --------
    >>> host_key("https://registry.test:5000/v2/"), host_key("registry.test:5000")
    ('registry.test:5000', 'registry.test:5000')
    """
    return key.removeprefix("https://").removeprefix("http://").partition("/")[0]


def parse_config(raw: bytes, *, where: str) -> Logins:
    """Read docker's config.json; an entry that holds no login is passed over.

    Raises
    ------
    DocumentInvalid
        It is not what docker writes.
    """
    at = Fields(parse_json(raw, where=where), where, "config")
    auths: dict[str, Login] = {}
    entries: dict[str, Any] = at.below("auths").value if at.has("auths") else {}
    for key in entries:
        login = _login(at.below("auths").below(key))
        if login is not None:
            auths[host_key(key)] = login
    helpers = {key: _helper(at, "credHelpers", name) for key, name in at.texts("credHelpers").items()}
    store = _helper(at, "credsStore", at.text("credsStore")) if at.has("credsStore") and at.text("credsStore") else ""
    return Logins(auths, helpers, store)


def _login(at: Fields) -> Login | None:
    name, password = (at.text(key) if at.has(key) else "" for key in ("username", "password"))
    if at.has("auth") and at.text("auth"):
        try:
            told = base64.b64decode(at.text("auth"), validate=True).decode("utf-8")
        except (binascii.Error, ValueError):
            raise at.wrong("auth", "should be base64 of NAME:PASSWORD") from None
        name, colon, password = told.partition(":")
        if not colon:
            raise at.wrong("auth", "should be base64 of NAME:PASSWORD")
        password = password.rstrip("\0")
    refresh = at.text("identitytoken") if at.has("identitytoken") else ""
    return Login(name, password, refresh) if name or refresh else None


def _helper(at: Fields, key: str, name: str) -> str:
    if _HELPER.fullmatch(name) is None:
        raise at.wrong(key, f"{name[:40]!r} is no name of a credential helper")
    return name


def parse_helper(raw: bytes, *, where: str) -> Login:
    """Read what ``docker-credential-NAME get`` prints."""
    at = Fields(parse_json(raw, where=where), where, "answer")
    name, secret = at.text("Username"), at.text("Secret")
    return Login("", "", secret) if name == OAUTH_USER else Login(name, secret)
