"""What happens by itself and to the whole daemon: time passes, the daemon loads its configuration, it is restarted.

    reload   (SIGHUP, systemctl reload docker)     daemon.json is read again; containers go on
    restart  (systemctl restart docker)            containers without a restart policy are stopped and stay so: 137
"""

from __future__ import annotations

import json
from dataclasses import replace

from ..errors import BadInput
from ..registry.trust import Trust
from . import running
from .grammar import Parsed
from .job import Fail, Job
from .world import Container, Settings, State, Storage, World

DAEMON_JSON = "/etc/docker/daemon.json"
_KNOWN = {
    "insecure-registries", "registry-mirrors", "live-restore", "features", "debug", "data-root", "log-driver",
    "log-opts", "exec-opts", "storage-driver", "dns", "bip", "max-concurrent-downloads", "max-concurrent-uploads",
    "experimental", "default-address-pools", "iptables", "hosts", "labels", "userland-proxy", "ipv6",
}


class ConfigInvalid(Exception):
    """daemon.json cannot be loaded; the words are dockerd's."""


def settings_of(raw: bytes | None) -> Settings:
    """Read a daemon.json, None where there is none.

    Raises
    ------
    ConfigInvalid

    Examples
    --------
    >>> settings_of(b'{"insecure-registries": ["172.17.0.1:5000"]}').insecure
    ('172.17.0.1:5000',)
    """
    if raw is None or not raw.strip():
        return Settings()
    lead = f"unable to configure the Docker daemon with file {DAEMON_JSON}: "
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ConfigInvalid(f"{lead}invalid character or end in the JSON: {error}") from None
    if not isinstance(found, dict):
        words = "json: cannot unmarshal array into Go value of type map[string]interface {}"
        raise ConfigInvalid(lead + words)
    unknown = sorted(set(found) - _KNOWN)
    if unknown:
        raise ConfigInvalid(
            f"{lead}the following directives don't match any configuration option: {', '.join(map(str, unknown))}"
        )
    insecure, mirrors = _texts(found, "insecure-registries", lead), _texts(found, "registry-mirrors", lead)
    try:
        Trust.of(insecure)
    except BadInput as error:
        raise ConfigInvalid(f"failed to start daemon: {error.what}") from None
    features = found.get("features")
    snapshotter = isinstance(features, dict) and features.get("containerd-snapshotter") is True
    storage = Storage.CONTAINERD if snapshotter else Storage.GRAPHDRIVER
    return Settings(insecure, mirrors, found.get("live-restore") is True, storage)


def _texts(found: dict[str, object], key: str, lead: str) -> tuple[str, ...]:
    value = found.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ConfigInvalid(f"{lead}{key}: a list of texts is wanted")
    return tuple(value)


def _job(world: World, host: str) -> Job:
    return Job(world, host, Parsed("daemon", "daemon"), b"", False, "/")


def reload(world: World, host: str) -> tuple[World, str]:
    """Let a daemon read its configuration again; return the world, and the words of a failure.

    A file that cannot be read leaves the configuration as it was; the storage driver is changed by a restart alone.
    """
    daemon = world.hosts[host].daemon
    if not daemon.running:
        return world, "Failed to reload docker.service: Job for docker.service is invalid: it is not running."
    try:
        found = settings_of(world.hosts[host].files.read(DAEMON_JSON))
    except ConfigInvalid as error:
        return world, str(error)
    return world.with_daemon(host, replace(daemon, settings=replace(found, storage=daemon.settings.storage))), ""


def restart(world: World, host: str) -> tuple[World, str]:
    """Stop and start a daemon; return the world, and the words of a failure: then the daemon is down."""
    world = stopped(world, host)
    return started(world, host)


def stopped(world: World, host: str) -> World:
    """Stop a daemon, and with it the containers, unless live-restore keeps them."""
    daemon = world.hosts[host].daemon
    if not daemon.running:
        return world
    job = _job(world, host)
    for container in list(daemon.containers.values()):
        if container.running and not daemon.settings.live_restore:
            # The daemon kills what has not ended when its own time is up.
            job.put_container(running.ended(job, container, 137))
    job.change(running=False)
    return job.world


def started(world: World, host: str) -> tuple[World, str]:
    """Start a daemon: it loads its configuration, and starts the containers whose restart policy says so."""
    before = world.hosts[host].daemon
    if before.running:
        return world, ""
    try:
        settings = settings_of(world.hosts[host].files.read(DAEMON_JSON))
    except ConfigInvalid as error:
        return world.with_daemon(host, replace(before, error=str(error))), str(error)
    job = _job(world, host)
    job.change(running=True, error="", settings=settings)
    for container in list(before.containers.values()):
        policy, by_hand = container.options.get("restart", "no"), container.options.get("stopped") == "true"
        if container.state is State.EXITED and (policy == "always" or (policy == "unless-stopped" and not by_hand)):
            _again(job, container)
    return job.world, ""


def _again(job: Job, container: Container) -> None:
    try:
        started_again = running.start(job, container)
    except Fail:
        return
    job.put_container(replace(started_again, restarts=container.restarts + 1))


def tick(world: World) -> World:
    """Let end what has ended by now: programs whose time is over."""
    for name, host in world.hosts.items():
        due = [one for one in host.daemon.containers.values()
               if one.state is State.RUNNING and 0 <= one.ends_ns <= world.clock]
        if due:
            job = _job(world, name)
            for container in due:
                _over(job, container)
            world = job.world
    return world


def _over(job: Job, container: Container) -> None:
    done = replace(running.ended(job, container, container.exit_code), finished_ns=container.ends_ns)
    job.put_container(done)
    policy = container.options.get("restart", "no").partition(":")[0]
    if container.options.get("rm") == "true":
        running.removed(job, done, True)
    elif policy in ("always", "unless-stopped") or (policy == "on-failure" and done.exit_code):
        job.put_container(replace(done, state=State.RESTARTING, restarts=done.restarts + 1))

