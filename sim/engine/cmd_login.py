"""docker login and logout: who one is, to which registry. The password lands in config.json, in base64."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

from ..registry.credentials import INDEX_SERVER
from . import remotes
from .job import Fail, Job, refused
from .sessions import CONFIG, Session

_UNENCRYPTED = (
    f"WARNING! Your password will be stored unencrypted in {CONFIG}.\n"
    "Configure a credential helper to remove this warning. See\n"
    "https://docs.docker.com/engine/reference/commandline/login/#credentials-store\n"
)


def cmd_login(job: Job) -> None:
    """docker login."""
    registry = job.parsed.args[0] if job.parsed.args else ""
    registry = registry.removeprefix("https://").removeprefix("http://").partition("/")[0]
    if registry in ("docker.io", "index.docker.io", "registry-1.docker.io"):
        registry = ""
    name, password = _asked(job, registry)
    key = registry or INDEX_SERVER
    try:
        session = Session(job, registry or "docker.io")
    except Fail as error:
        raise refused(error.what) from None
    place = session.place
    if place.remote and not remotes.known(job.world.remotes[place.remote], name, password):
        host = "registry-1.docker.io" if place.remote == "docker.io" else registry
        words = "incorrect username or password" if place.remote == "docker.io" else "authentication required"
        raise refused(f'Get "https://{host}/v2/": unauthorized: {words}')
    document = _config(job)
    secret = base64.b64encode(f"{name}:{password}".encode("utf-8", "surrogateescape")).decode("ascii")
    auths = {**document.get("auths", {}), key: {"auth": secret}}
    _write(job, {**document, "auths": auths})
    job.err(_UNENCRYPTED)
    job.out("Login Succeeded")
    job.because(f"the password is in {CONFIG} now: base64 hides nothing from whoever reads the file")


def _asked(job: Job, registry: str) -> tuple[str, str]:
    """Return name and password: by flags, by --password-stdin, or typed at a terminal, whose lines stdin holds."""
    parsed = job.parsed
    name, password = parsed.one("username"), parsed.one("password")
    if parsed.on("password-stdin"):
        if "password" in parsed.flags:
            raise Fail("--password and --password-stdin are mutually exclusive\n")
        if not name:
            raise Fail("Must provide --username with --password-stdin\n")
        return name, _text(job.stdin).rstrip("\r\n")
    if "password" in parsed.flags:
        job.err("WARNING! Using --password via the CLI is insecure. Use --password-stdin.")
        if name:
            return name, password
    if not job.tty:
        raise Fail("Error: Cannot perform an interactive login from a non TTY device\n")
    typed = _text(job.stdin).splitlines()
    if not name:
        if not registry:
            job.out("Login with your Docker ID to push and pull images from Docker Hub. If you don't have a Docker ID, "
                    "head over to https://hub.docker.com to create one.")
        name = typed.pop(0) if typed else ""
        job.out(f"Username: {name}")
        if not name:
            raise Fail("Error: Non-null Username Required\n")
    job.out("Password: ")
    password = typed.pop(0) if typed else ""
    if not password:
        raise Fail("Error: Password Required\n")
    return name, password


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _config(job: Job) -> dict[str, Any]:
    raw = job.host.files.read(CONFIG)
    if not raw:
        return {}
    try:
        found = json.loads(raw)
    except ValueError:
        raise Fail(f"Error saving credentials: {CONFIG} holds no JSON\n") from None
    return found if isinstance(found, dict) and isinstance(found.get("auths", {}), dict) else {}


def _write(job: Job, document: dict[str, Any]) -> None:
    raw = json.dumps(document, indent="\t").encode("utf-8")
    files = job.host.files.written(CONFIG, raw, job.now, 0o600)
    job.world = job.world.with_host(replace(job.host, files=files))


def cmd_logout(job: Job) -> None:
    """docker logout."""
    registry = job.parsed.args[0] if job.parsed.args else ""
    key = INDEX_SERVER if registry in ("", "docker.io") else registry
    job.out(f"Removing login credentials for {key}")
    document = _config(job)
    auths = {name: value for name, value in document.get("auths", {}).items() if name != key}
    if auths != document.get("auths", {}):
        _write(job, {**document, "auths": auths})
