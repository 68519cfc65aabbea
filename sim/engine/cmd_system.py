"""The prunes, docker info, version, search and network ls."""

from __future__ import annotations

from . import images
from .cmd_df import layer_bytes, precise
from .cmd_volume import removed as volume_removed
from .cmd_volume import size_of as volume_size
from .containers import newest_first
from .job import Fail, Job
from .removals import remove
from .running import removed
from .tables import Column, show
from .template import compiled, render
from .volumes import users_of
from .world import Storage, frozen

CLIENT = "20.10.24+dfsg1"


def _sure(job: Job, what: str) -> bool:
    """Ask whether to go on, as the prunes do without ``-f``."""
    if job.parsed.on("force"):
        return True
    typed = job.stdin.decode("utf-8", "replace").splitlines()
    answer = typed[0].strip() if typed else ""
    job.out(f"WARNING! {what}\nAre you sure you want to continue? [y/N] {answer}".rstrip())
    return answer.lower() == "y"


def _containers(job: Job) -> int:
    gone = [one for one in newest_first(job.daemon.containers.values()) if not one.running]
    freed = sum(images.container_sizes(job.world.stock, one)[0] for one in gone)
    if gone:
        job.out("Deleted Containers:")
    for one in gone:
        removed(job, one, False)
        job.out(one.id)
    if gone:
        job.out("")
    return freed


def _images(job: Job, everything: bool) -> int:
    before = sum(layer_bytes(job, job.daemon.images.values()).values())
    said: list[str] = []
    for image in list(job.daemon.images.values()):
        if image.id not in job.daemon.images:
            continue
        used = any(one.image == image.id for one in job.daemon.containers.values())
        if used or not (everything or images.is_dangling(job.daemon, image)):
            continue
        names = [str(ref) for ref in images.tags_of(job.daemon, image)] or [str(image.id)]
        for name in names:
            try:
                said += [f"{word.lower()}: {what}" for word, what in remove(job, name)]
            except Fail:
                continue
    if said:
        job.out("Deleted Images:\n" + "\n".join(said) + "\n")
    return before - sum(layer_bytes(job, job.daemon.images.values()).values())


def _volumes(job: Job) -> int:
    loose = [one for name, one in sorted(job.daemon.volumes.items()) if not users_of(job, name)]
    if loose:
        job.out("Deleted Volumes:")
    freed = 0
    for one in loose:
        freed += volume_size(one)
        volume_removed(job, one)
        job.out(one.name)
    if loose:
        job.out("")
    return freed


def _total(job: Job, freed: int) -> None:
    job.out(f"Total reclaimed space: {precise(freed)}")


def cmd_container_prune(job: Job) -> None:
    """docker container prune."""
    if _sure(job, "This will remove all stopped containers."):
        _total(job, _containers(job))


def cmd_image_prune(job: Job) -> None:
    """docker image prune."""
    everything = job.parsed.on("all")
    if job.parsed.flags.get("filter"):
        raise Fail("docker image prune --filter is not simulated\n")
    what = ("all images without at least one container associated to them" if everything else "all dangling images")
    if _sure(job, f"This will remove {what}."):
        _total(job, _images(job, everything))


def cmd_volume_prune(job: Job) -> None:
    """docker volume prune."""
    if _sure(job, "This will remove all local volumes not used by at least one container."):
        _total(job, _volumes(job))


def cmd_system_prune(job: Job) -> None:
    """docker system prune."""
    everything, volumes = job.parsed.on("all"), job.parsed.on("volumes")
    lines = ["all stopped containers", "all networks not used by at least one container"]
    lines += ["all volumes not used by at least one container"] * volumes
    lines.append("all images without at least one container associated to them" if everything else
                 "all dangling images")
    lines.append("all build cache" if everything else "all dangling build cache")
    if not _sure(job, "This will remove:\n" + "".join(f"  - {line}\n" for line in lines)):
        return
    freed = _containers(job)
    freed += _volumes(job) if volumes else 0
    freed += _images(job, everything)
    job.change(cache=frozen())
    _total(job, freed)


def cmd_builder_prune(job: Job) -> None:
    """docker builder prune."""
    if _sure(job, "This will remove all dangling build cache."):
        job.change(cache=frozen())
        _total(job, 0)


def cmd_version(job: Job) -> None:
    """docker version."""
    if job.parsed.one("format"):
        facts = {"Client": {"Version": CLIENT}, "Server": {"Version": CLIENT}}
        job.out(render(compiled(job.parsed.one("format")), facts))
        return
    job.out(f"""Client:
 Version:           {CLIENT}
 API version:       1.41
 Go version:        go1.19.8
 Git commit:        297e128
 OS/Arch:           linux/amd64
 Context:           default
 Experimental:      true

Server:
 Engine:
  Version:          {CLIENT}
  API version:      1.41 (minimum version 1.12)
  Go version:       go1.19.8
  Git commit:       5d6db84
  OS/Arch:          linux/amd64
  Experimental:     false
 containerd:
  Version:          1.6.20~ds1
 runc:
  Version:          1.1.5+ds1""")
    job.because("this is a simulated docker: it answers as the real 20.10.24 does")


def cmd_info(job: Job) -> None:
    """docker info."""
    daemon, states = job.daemon, [str(one.state) for one in job.daemon.containers.values()]
    if job.parsed.one("format"):
        facts = {"Driver": _driver(job), "Images": len(daemon.images), "Containers": len(states), "Name": job.name,
                 "ServerVersion": CLIENT, "KernelVersion": job.host.kernel.release,
                 "IndexServerAddress": "https://index.docker.io/v1/"}
        job.out(render(compiled(job.parsed.one("format")), facts))
        return
    running, paused = states.count("running"), states.count("paused")
    driver = [f" Storage Driver: {_driver(job)}"]
    if daemon.settings.storage is Storage.GRAPHDRIVER:
        driver += ["  Backing Filesystem: extfs", "  Supports d_type: true", "  Native Overlay Diff: true",
                   "  userxattr: false"]
    mirrors = [" Registry Mirrors:", *(f"  {one.rstrip('/')}/" for one in daemon.settings.mirrors)]
    lines = [
        "Client:", " Context:    default", " Debug Mode: false", "", "Server:", f" Containers: {len(states)}",
        f"  Running: {running}", f"  Paused: {paused}", f"  Stopped: {len(states) - running - paused}",
        f" Images: {len(daemon.images)}", f" Server Version: {CLIENT}", *driver, " Logging Driver: json-file",
        " Cgroup Driver: cgroupfs", " Swarm: inactive", " Default Runtime: runc",
        f" Kernel Version: {job.host.kernel.release}", " Operating System: Debian GNU/Linux 12 (bookworm)",
        " OSType: linux", " Architecture: x86_64", f" Name: {job.name}", " Docker Root Dir: /var/lib/docker",
        " Debug Mode: false", " Registry: https://index.docker.io/v1/", " Labels:", " Experimental: false",
        " Insecure Registries:", *(f"  {one}" for one in sorted(daemon.settings.insecure)), "  127.0.0.0/8",
        *(mirrors if daemon.settings.mirrors else []),
        f" Live Restore Enabled: {'true' if daemon.settings.live_restore else 'false'}", "",
    ]
    for line in lines:
        job.out(line)


def _driver(job: Job) -> str:
    return "overlayfs" if job.daemon.settings.storage is Storage.CONTAINERD else "overlay2"


def cmd_search(job: Job) -> None:
    """docker search: docker.io alone has it."""
    found = job.world.remotes.get("docker.io")
    names = sorted(found.state.repositories) if found is not None else []
    rows = [{"Name": name.removeprefix("library/"), "Description": "", "StarCount": "", "IsOfficial": "[OK]"
             if name.startswith("library/") else "", "IsAutomated": ""}
            for name in names if job.parsed.args[0] in name]
    columns = [Column("NAME", "Name"), Column("DESCRIPTION", "Description"), Column("STARS", "StarCount"),
               Column("OFFICIAL", "IsOfficial"), Column("AUTOMATED", "IsAutomated")]
    show(job, columns, rows)
    job.because("docker search asks docker.io's own index: a private registry has none, its catalog is another thing")


def cmd_network_ls(job: Job) -> None:
    """docker network ls: the three networks that are always there."""
    rows = [{"ID": id, "Name": name, "Driver": driver, "Scope": "local"} for id, name, driver in (
        ("5fd1f93aeb81", "bridge", "bridge"), ("941def762c93", "host", "host"), ("226ab6b62750", "none", "null"))]
    columns = [Column("NETWORK ID", "ID"), Column("NAME", "Name"), Column("DRIVER", "Driver"),
               Column("SCOPE", "Scope")]
    show(job, columns, rows, quiet="ID")


