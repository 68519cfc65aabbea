"""The OCI runtime spec: `config.json`, made from an image's config, which is all that a runtime gets to know.

    image config            config.json (runtime-spec 1.0.2)
    Entrypoint, Cmd         process.args
    Env                     process.env, after PATH and HOSTNAME, a name once
    WorkingDir              process.cwd
    User                    process.user: numbers, looked up in the image (user.py)
    layers                  root.path: the directory at which they are mounted, or unpacked
    (docker's defaults)     mounts, namespaces, capabilities, masked and read-only paths, seccomp

The defaults are those that docker writes, read off a container of docker 20.10; no_new_privs is not among
them. Three things differ. The bind mounts of /etc/resolv.conf, hostname and hosts are there when `etc` names their
directory on the host. seccomp is a list of what is refused, where docker's lists what is allowed. And limits on
memory and the like are left out.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from typing import Any

from ..image.layer import Image
from ..union.index import Index
from .host import Host
from .program import DEFAULT_PATH, command
from .user import find_user

VERSION = "1.0.2"
CAPABILITIES = tuple(f"CAP_{name}" for name in (
    "CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID", "SETFCAP", "SETPCAP",
    "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE",
))
"""The 14 that docker leaves of a root's about 40."""

MASKED = (
    "/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
    "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware",
)
READ_ONLY = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")

DEVICES = (("null", 1, 3), ("random", 1, 8), ("full", 1, 7), ("tty", 5, 0), ("zero", 1, 5), ("urandom", 1, 9))
"""Nodes that a runtime makes in every /dev (runtime-spec, config-linux.md, "Default Devices")."""

# What docker's profile refuses a container without further capabilities, the calls that matter most.
_REFUSED_CALLS = (
    "acct", "add_key", "bpf", "clock_settime", "delete_module", "finit_module", "init_module",
    "ioperm", "iopl", "kexec_file_load", "kexec_load", "keyctl", "lookup_dcookie", "mount", "move_mount",
    "name_to_handle_at", "open_by_handle_at", "open_tree", "perf_event_open", "pivot_root", "quotactl", "reboot",
    "request_key", "setns", "settimeofday", "swapoff", "swapon", "sysfs", "umount2", "unshare", "userfaultfd",
)
_SECCOMP = {
    "defaultAction": "SCMP_ACT_ALLOW",
    "syscalls": [{"names": list(_REFUSED_CALLS), "action": "SCMP_ACT_ERRNO", "errnoRet": 1}],
}

Spec = dict[str, Any]


def runtime_spec(
    image: Image, *, args: Sequence[str] | None = None, hostname: str = "container", root: str = "rootfs",
    host: Host = Host(), etc: str | None = None, index: Index | None = None,  # noqa: B008
) -> Spec:
    """Return the OCI runtime spec of a container of an image, as docker would write it.

    Parameters
    ----------
    image : Image
    args : sequence of str, optional
        The command, in place of the image's CMD; its ENTRYPOINT stays before it.
    hostname : str
    root : str
        The directory of the root file system: absolute, or in the bundle.
    host : Host
    etc : str, optional
        A directory of the host that holds resolv.conf, hostname and hosts, to be mounted over the image's.
    index : Index, optional
        The image's merged view, where it is at hand.

    Returns
    -------
    dict
        What `config.json` holds.

    Raises
    ------
    StartRefused
        Nothing to run, or a user that the image does not know; in docker's words.

    Examples
    --------
    >>> from sim.image.samples import sample
    >>> spec = runtime_spec(sample("alpine"))
    >>> spec["process"]["args"], spec["process"]["user"], spec["root"]["path"]
    (['/bin/sh'], {'uid': 0, 'gid': 0, 'additionalGids': [0]}, 'rootfs')
    """
    run = image.config.config
    words = command(run.entrypoint, run.cmd if args is None else args)
    user = find_user(Index.of(image.stack) if index is None else index, run.user)
    capabilities = {kind: list(CAPABILITIES) for kind in ("bounding", "effective", "permitted")}
    if user.uid:
        # The kernel drops these when the user changes; docker does not give them in the first place.
        capabilities |= {"effective": [], "permitted": []}
    return {
        "ociVersion": VERSION,
        "process": {
            "terminal": False,
            "user": {"uid": user.uid, "gid": user.gid, "additionalGids": list(user.all_groups)},
            "args": list(words),
            "env": _environment(run.env, hostname),
            "cwd": posixpath.join("/", run.working_dir),
            "capabilities": capabilities,
        },
        "root": {"path": root, "readonly": False},
        "hostname": hostname,
        "mounts": _mounts(etc),
        "linux": {
            "resources": {"devices": [{"allow": False, "access": "rwm"}, *_allowed_devices()]},
            "namespaces": [{"type": kind} for kind in namespaces(host)],
            "seccomp": _SECCOMP,
            "maskedPaths": list(MASKED),
            "readonlyPaths": list(READ_ONLY),
        },
    }


def namespaces(host: Host) -> tuple[str, ...]:
    """Return the kinds of namespaces that a container gets of its own; the cgroup one with cgroup version 2 only."""
    return ("mount", "network", "uts", "pid", "ipc", *(() if host.cgroups else ("cgroup",)))


def _environment(env: Sequence[str], hostname: str) -> list[str]:
    # An entry of the image takes the place of the default of the same name.
    found = {"PATH": f"PATH={DEFAULT_PATH}", "HOSTNAME": f"HOSTNAME={hostname}"}
    found |= {entry.partition("=")[0]: entry for entry in env}
    return list(found.values())


def _mounts(etc: str | None) -> list[Spec]:
    def mount(destination: str, kind: str, source: str, *options: str) -> Spec:
        return {"destination": destination, "type": kind, "source": source, "options": list(options)}

    quiet = ("nosuid", "noexec", "nodev")
    found = [
        mount("/proc", "proc", "proc", *quiet),
        mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
        mount(
            "/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"
        ),
        mount("/sys", "sysfs", "sysfs", *quiet, "ro"),
        mount("/sys/fs/cgroup", "cgroup", "cgroup", "ro", *quiet),
        mount("/dev/mqueue", "mqueue", "mqueue", *quiet),
        mount("/dev/shm", "tmpfs", "shm", *quiet, "mode=1777", "size=67108864"),
    ]
    for name in ("resolv.conf", "hostname", "hosts") if etc is not None else ():
        found.append(mount(f"/etc/{name}", "bind", f"{etc}/{name}", "rbind", "rprivate"))
    return found


def _allowed_devices() -> list[Spec]:
    numbers = [(major, minor) for _, major, minor in DEVICES] + [(5, 1)]
    return [{"allow": True, "type": "c", "major": a, "minor": b, "access": "rwm"} for a, b in numbers]
