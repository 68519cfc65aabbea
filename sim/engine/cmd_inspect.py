"""docker inspect: an image, a container or a volume as docker's API shows it.

Fields that say nothing here (limits, devices, security) are left out rather than made up.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from ..content.digest import Digest
from . import containers, images, template
from .commits import container_config, run_fields
from .job import Fail, Job
from .tables import unescaped
from .times import NEVER, rfc3339
from .world import Container, MountPoint, State, Storage, StoredImage, Volume

OVERLAY = "/var/lib/docker/overlay2"


def cmd_inspect(job: Job) -> None:
    """docker inspect, docker image inspect, docker container inspect, docker volume inspect."""
    group = job.parsed.verb.partition(" ")[0]
    kinds = {
        "inspect": ("container", "image", "volume"), "container": ("container",), "image": ("image",),
        "volume": ("volume",),
    }[group]
    if job.parsed.one("type"):
        kinds = (job.parsed.one("type"),)
        if kinds[0] not in _FINDERS:
            raise Fail(f'"{kinds[0]}" is not a valid value for --type\n')
    found, failed = [], []
    for text in job.parsed.args:
        one = next((value for kind in kinds if (value := _FINDERS[kind](job, text)) is not None), None)
        if one is None:
            noun = kinds[0] if len(kinds) == 1 else "object"
            failed.append(f"Error: No such {noun}: {text}")
        else:
            found.append(one)
    _print(job, found)
    if failed:
        raise Fail("\n".join(failed) + "\n")


def _print(job: Job, found: list[dict[str, Any]]) -> None:
    wanted = job.parsed.one("format")
    if wanted and wanted != "json":
        try:
            made = template.compiled(unescaped(wanted))
        except Fail as error:
            raise Fail(error.what, 64) from None
        for one in found:
            try:
                job.out(template.render(made, one))
            except Fail:
                job.out("")
                raise
        return
    text = json.dumps(found, indent=4, ensure_ascii=False)
    job.out(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def _container(job: Job, text: str) -> dict[str, Any] | None:
    found = containers.find(job.daemon, text)
    return None if found is None else container_document(job, found)


def _image(job: Job, text: str) -> dict[str, Any] | None:
    found = images.find(job.daemon, text)
    return None if found is None else image_document(job, found)


def _volume(job: Job, text: str) -> dict[str, Any] | None:
    found = job.daemon.volumes.get(text)
    return None if found is None else volume_document(found)


_FINDERS: dict[str, Callable[[Job, str], dict[str, Any] | None]] = {
    "container": _container, "image": _image, "volume": _volume,
}


def image_document(job: Job, image: StoredImage) -> dict[str, Any]:
    """Return an image as the API shows it."""
    config, daemon = image.config, job.daemon
    size = images.size_of(job.world.stock, daemon, image)
    last = config.history[-1] if config.history else None
    ran = config.extra.get("container_config")
    return {
        "Id": str(images.shown_id(daemon, image)),
        "RepoTags": [str(ref) for ref in images.tags_of(daemon, image)],
        "RepoDigests": [str(ref) for ref in images.digests_of(daemon, image)],
        "Parent": str(image.parent or ""), "Comment": (last.comment if last is not None else None) or "",
        "Created": config.created or "", "Container": image.container,
        "ContainerConfig": ran if isinstance(ran, dict) else run_fields(type(config.config)()),
        "DockerVersion": str(config.extra.get("docker_version", "")), "Author": config.author or "",
        "Config": run_fields(config.config, image=str(config.config.extra.get("Image", ""))),
        "Architecture": config.architecture, "Os": config.os, "Size": size, "VirtualSize": size,
        "GraphDriver": _driver(job, _folders(image.config.diff_ids), ""),
        "RootFS": {"Type": "layers", "Layers": [str(diff_id) for diff_id in config.diff_ids]},
        "Metadata": {"LastTagTime": rfc3339(image.tagged_ns) if image.tagged_ns else NEVER},
    }


def _folders(diff_ids: Iterable[Digest]) -> list[str]:
    """Return the driver's folders of a stack's layers, base first: names of its own, computed here."""
    found, at = [], ""
    for diff_id in diff_ids:
        at = Digest.of(f"{at} {diff_id}".encode()).hex
        found.append(f"{OVERLAY}/{at}/diff")
    return found


def _driver(job: Job, below: list[str], upper: str) -> dict[str, Any]:
    if job.daemon.settings.storage is Storage.CONTAINERD:
        return {"Data": None, "Name": "overlayfs"}
    own = upper or (below.pop().removesuffix("/diff") if below else "")
    data = {"LowerDir": ":".join(reversed(below))} if below else {}
    data |= {"MergedDir": f"{own}/merged", "UpperDir": f"{own}/diff", "WorkDir": f"{own}/work"}
    return {"Data": data, "Name": "overlay2"}


def container_document(job: Job, one: Container) -> dict[str, Any]:
    """Return a container as the API shows it."""
    home = f"/var/lib/docker/containers/{one.id}"
    written, virtual = images.container_sizes(job.world.stock, one) if job.parsed.on("size") else (0, 0)
    upper = f"{OVERLAY}/{one.id}"
    network = one.options.get("network", "default")
    policy, _, most = one.options.get("restart", "no").partition(":")
    document: dict[str, Any] = {
        "Id": one.id, "Created": rfc3339(one.created_ns), "Path": one.process[0], "Args": list(one.process[1:]),
        "State": _state(one), "Image": str(one.image),
        **{f"{name}Path": f"{home}/{file}" for name, file in (
            ("ResolvConf", "resolv.conf"), ("Hostname", "hostname"), ("Hosts", "hosts"),
            ("Log", f"{one.id}-json.log"))},
        "Name": f"/{one.name}", "RestartCount": one.restarts, "Driver": "overlay2", "Platform": "linux",
        "HostConfig": {
            "Binds": [_bind(point) for point in one.mounts if not point.anonymous] or None, "NetworkMode": network,
            "PortBindings": {f"{port.container}/{port.protocol}": [_binding(port.host_ip, port.host)]
                             for port in one.ports},
            "RestartPolicy": {"Name": policy, "MaximumRetryCount": int(most or 0)},
            "AutoRemove": one.options.get("rm") == "true", "Privileged": one.options.get("privileged") == "true",
            "ReadonlyRootfs": one.options.get("read-only") == "true",
        },
        "GraphDriver": _driver(job, [*_folders(one.layers), f"{upper}-init/diff"], upper),
        "Mounts": [_mount(point) for point in one.mounts],
        "Config": container_config(one) | {"Hostname": one.hostname},
        "NetworkSettings": _network(one, network),
    }
    return document | ({"SizeRw": written, "SizeRootFs": virtual} if job.parsed.on("size") else {})


def _state(one: Container) -> dict[str, Any]:
    return {
        "Status": str(one.state), "Running": one.running, "Paused": one.state is State.PAUSED,
        "Restarting": one.state is State.RESTARTING, "OOMKilled": False, "Dead": False, "Pid": one.pid,
        "ExitCode": one.exit_code if not one.running else 0, "Error": one.error,
        "StartedAt": rfc3339(one.started_ns) if one.started_ns else NEVER,
        "FinishedAt": rfc3339(one.finished_ns) if one.finished_ns else NEVER,
    }


def _bind(point: MountPoint) -> str:
    return f"{point.source}:{point.at}" + (":ro" if point.read_only else "")


def _binding(address: str, port: int) -> dict[str, str]:
    return {"HostIp": "" if address == "0.0.0.0" else address, "HostPort": str(port)}


def _mount(point: MountPoint) -> dict[str, Any]:
    mode = "ro" if point.read_only else ("z" if point.kind == "volume" and not point.anonymous else "")
    if point.kind == "bind":
        return {"Type": "bind", "Source": point.source, "Destination": point.at, "Mode": mode,
                "RW": not point.read_only, "Propagation": "rprivate"}
    return {"Type": "volume", "Name": point.source, "Source": volume_folder(point.source), "Destination": point.at,
            "Driver": "local", "Mode": mode, "RW": not point.read_only, "Propagation": ""}


def _network(one: Container, network: str) -> dict[str, Any]:
    ports: dict[str, Any] = {}
    if one.running:
        ports = dict.fromkeys(one.config.exposed_ports)
        for port in one.ports:
            ports[f"{port.container}/{port.protocol}"] = [{"HostIp": port.host_ip, "HostPort": str(port.host)}]
    gateway = "172.17.0.1" if one.address else ""
    name = "bridge" if network == "default" else network
    return {"Ports": ports, "Gateway": gateway, "IPAddress": one.address, "IPPrefixLen": 16 if one.address else 0,
            "Networks": {name: {"Gateway": gateway, "IPAddress": one.address}}}


def volume_folder(name: str) -> str:
    """Return where a volume lies on its host."""
    return f"/var/lib/docker/volumes/{name}/_data"


def volume_document(one: Volume) -> dict[str, Any]:
    """Return a volume as the API shows it."""
    return {
        "CreatedAt": rfc3339(one.created_ns // 10**9 * 10**9), "Driver": "local",
        "Labels": dict(one.labels) if one.labels or not one.anonymous else None,
        "Mountpoint": volume_folder(one.name), "Name": one.name, "Options": {} if not one.anonymous else None,
        "Scope": "local",
    }
