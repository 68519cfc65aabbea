"""A container's start: its calls, its runtime spec, and the words in which it is refused.

The words and exit codes were printed by docker 20.10.24 (client 28.2, containerd 1.6.20, runc 1.1.5) for images
made alike; the one of an image for Windows, which no docker on Linux could be given, is from moby's source.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.boot.calls import Step, Turn, calls
from sim.boot.container import DOCKER_RUN_MS, RUNC_MS, Engine, Start, overlay_names, start, timeline
from sim.boot.contents import contents, made_at_start
from sim.boot.fleet import fleet
from sim.boot.hardware import Kernel
from sim.boot.host import Host
from sim.boot.ladder import MEASURED
from sim.boot.machine import Machine, play
from sim.boot.runtime import CAPABILITIES, runtime_spec
from sim.errors import StartRefused
from sim.fs.changeset import ChangeSet
from sim.fs.sketch import directory, file, sketch, symlink, whiteout
from sim.image.build import EMPTY, append, scratch, with_config
from sim.image.config import RunConfig
from sim.image.layer import Image
from sim.image.samples import NAMES, sample
from sim.source import open_image
from sim.union.index import Index

RUNC = "docker: Error response from daemon: failed to create shim task: OCI runtime create failed: runc create failed: "
RUNC += "unable to start container process: "
GUESS = ": Are you trying to mount a directory onto a file (or vice-versa)? "
GUESS += "Check if the specified host path exists and is the expected type"


def elf(machine: int = 62, loader: bytes = b"", big: bool = False) -> bytes:
    """Return the head of a 64-bit ELF program, with an interpreter where one is named."""
    order = "big" if big else "little"

    def number(value: int, size: int) -> bytes:
        return value.to_bytes(size, order)

    head = b"\x7fELF" + bytes([2, 2 if big else 1, 1]) + bytes(9)
    head += number(2, 2) + number(machine, 2) + number(1, 4) + number(0, 8) + number(64, 8) + number(0, 8)
    head += number(0, 4) + number(64, 2) + number(56, 2) + number(1 if loader else 0, 2) + bytes(6)
    if not loader:
        return head
    text = loader + b"\0"
    head += number(3, 4) + number(4, 4) + number(120, 8) + bytes(16) + number(len(text), 8) * 2 + number(1, 8)
    return head + text


PROGRAM = elf()
PASSWD = b"root:x:0:0:root:/root:/bin/sh\napp:x:1000:1001::/home/app:/bin/sh\nbroken\n"
GROUP = b"root:x:0:\nwheel:x:10:root,app\napp:x:1001:\n"
BASE = sketch(
    file("/bin/busybox", PROGRAM, 0o755), symlink("/bin/sh", "busybox"), file("/data/plain", b"x"),
    file("/bin/script", b"#!/bin/nosuch\n", 0o755), file("/bin/good", b"#! /bin/sh -e\n", 0o755),
    file("/bin/text", b"hello\n", 0o755), file("/bin/arm", elf(183), 0o755), file("/bin/empty", b"", 0o755),
    file("/bin/z", elf(22, big=True), 0o755), file("/bin/dyn", elf(loader=b"/lib64/ld.so"), 0o755),
    file("/bin/loop", b"#!/bin/loop\n", 0o755), file("/bin/noload", elf(loader=b"/data/plain"), 0o755),
    file("/bin/rootonly", PROGRAM, 0o700), directory("/sec", 0o700), file("/sec/x", PROGRAM, 0o755),
    file("/dev/tool", PROGRAM, 0o755), file("/opt/other", PROGRAM, 0o755),
)
USERS = sketch(file("/etc/passwd", PASSWD), file("/etc/group", GROUP))


def image(*layers: ChangeSet, base: Image = EMPTY, **run: object) -> Image:
    made = base
    for layer in layers:
        made = append(made, layer)
    return with_config(made, RunConfig(**run))  # type: ignore[arg-type]


REFUSED = [
    # command, settings of the image, what is printed, exit code, claim
    ((), {}, "docker: Error response from daemon: No command specified", 125, "no command and no entrypoint"),
    (("nosuch",), {}, RUNC + 'exec: "nosuch": executable file not found in $PATH: unknown', 127, "not in PATH"),
    (("",), {}, RUNC + 'exec: "": executable file not found in $PATH: unknown', 127, "an empty word"),
    (("other",), {}, RUNC + 'exec: "other": executable file not found in $PATH: unknown', 127, "outside PATH"),
    (("bash",), {"env": ("PATH=/data",)}, RUNC + 'exec: "bash": executable file not found in $PATH: unknown', 127,
     "no such shell, by the image's own PATH"),
    (("/nosuch",), {}, RUNC + 'exec: "/nosuch": stat /nosuch: no such file or directory: unknown', 127, "absent"),
    (("./sh",), {}, RUNC + 'exec: "./sh": stat ./sh: no such file or directory: unknown', 127, "absent from the cwd"),
    (("/dev/tool",), {}, RUNC + 'exec: "/dev/tool": stat /dev/tool: no such file or directory: unknown', 127,
     "/dev is mounted over"),
    (("/bin/sh/x",), {}, RUNC + 'exec: "/bin/sh/x": stat /bin/sh/x: not a directory: unknown' + GUESS, 125,
     "below a file"),
    (("/data/plain",), {}, RUNC + 'exec: "/data/plain": permission denied: unknown', 126, "not executable"),
    (("/data",), {}, RUNC + 'exec: "/data": permission denied: unknown', 126, "a directory"),
    (("rootonly",), {"user": "app"}, RUNC + "exec /bin/rootonly: permission denied: unknown", 126, "another user's"),
    (("/sec/x",), {"user": "app"}, RUNC + 'exec: "/sec/x": stat /sec/x: permission denied: unknown', 126,
     "a directory that the user cannot enter"),
    (("/bin/arm",), {}, "exec /bin/arm: exec format error", 1, "another architecture"),
    (("/bin/z",), {}, "exec /bin/z: exec format error", 1, "another byte order"),
    (("/bin/text",), {}, "exec /bin/text: exec format error", 1, "a script without #!"),
    (("/bin/empty",), {}, "exec /bin/empty: exec format error", 1, "an empty file"),
    (("/bin/script",), {}, "exec /bin/script: no such file or directory", 1, "a script whose interpreter is absent"),
    (("/bin/dyn",), {}, "exec /bin/dyn: no such file or directory", 1, "a program whose loader is absent"),
    (("/bin/noload",), {}, "exec /bin/noload: permission denied", 1, "a loader that is not executable"),
    (("/bin/loop",), {}, "exec /bin/loop: too many levels of symbolic links", 1, "a script run by itself"),
    (("sh",), {"user": "nobodyx"},
     "docker: Error response from daemon: unable to find user nobodyx: no matching entries in passwd file", 125,
     "user"),
    (("sh",), {"user": "1000:nogrp"},
     "docker: Error response from daemon: unable to find group nogrp: no matching entries in group file", 125,
     "group"),
    (("sh",), {"user": "99999999999"},
     "docker: Error response from daemon: uids and gids must be in range 0-2147483647", 125, "a number too large"),
    (("sh",), {"working_dir": "/data/plain"},
     "docker: Error response from daemon: Cannot mkdir: /data/plain is not a directory", 125, "a file as cwd"),
]


@pytest.mark.parametrize(("cmd", "run", "words", "code", "claim"), REFUSED, ids=[row[-1] for row in REFUSED])
def test_refused_in_dockers_or_the_kernels_own_words(
    cmd: tuple[str, ...], run: dict[str, object], words: str, code: int, claim: str
) -> None:
    begun = start(image(BASE, USERS, cmd=cmd, **run))
    assert begun.refused is not None, claim
    assert (begun.screen, begun.exit_code) == ((words,), code)
    assert not any(call.step is Step.EXEC for call in begun.calls), "the program never ran"
    found = timeline(begun)
    assert (found.spans[-1].name, found.more["outcome"], found.memory["used"]) == ("refused", "refused", 0)


STARTED = [
    (("/bin/busybox",), {}, "a static program"),
    (("sh", "-c", "true"), {}, "a link in PATH"),
    (("/bin/good",), {}, "a script whose interpreter is there"),
    (("./busybox",), {"working_dir": "/bin"}, "relative to the working directory"),
    (("sh",), {"working_dir": "/new/dir"}, "a working directory that is not there is made"),
    (("sh",), {"user": "12345"}, "a user by number needs no entry"),
    (("rootonly",), {}, "root runs what root may run"),
]


@pytest.mark.parametrize(("cmd", "run", "claim"), STARTED, ids=[row[-1] for row in STARTED])
def test_started(cmd: tuple[str, ...], run: dict[str, object], claim: str) -> None:
    begun = start(image(BASE, USERS, cmd=cmd, **run))
    assert begun.refused is None and begun.screen == () and begun.exit_code == 0
    assert begun.frames[-1].running == cmd[0] and begun.calls[-1].step is Step.EXEC


def test_another_platform_is_a_warning_and_the_program_decides() -> None:
    foreign = image(BASE, base=scratch("arm64"), cmd=("sh",))
    begun = start(foreign)
    assert begun.refused is None, "the config says arm64, the program is for amd64: it runs"
    assert begun.screen == (
        "WARNING: The requested image's platform (linux/arm64) does not match the detected host platform (linux/amd64) "
        "and no specific platform was requested",
    )
    begun = start(image(BASE, base=scratch("arm64"), cmd=("/bin/arm",)))
    assert begun.screen[1] == "exec /bin/arm: exec format error"
    assert start(image(BASE, base=scratch("arm64"), cmd=("/bin/arm",)), host=Host(architecture="arm64")).screen == ()


def test_an_image_of_another_system() -> None:
    begun = start(image(BASE, base=scratch(system="windows"), cmd=("sh",)))
    assert begun.refused is not None and 'operating system "windows" cannot be used' in begun.refused.what


def test_an_image_without_proc_dev_and_etc_starts_and_they_are_made() -> None:
    begun = start(image(sketch(file("/hello", PROGRAM, 0o755)), cmd=("/hello",), working_dir="/w"))
    assert begun.refused is None
    made = {one.path: one.kind for one in begun.made}
    assert {"/proc", "/sys", "/dev", "/etc", "/etc/hosts", "/.dockerenv", "/w"} <= set(made)
    assert made["/etc/mtab"] == "link to /proc/mounts" and made["/dev"] == "directory" and made["/etc/hosts"] == "file"
    assert not made_at_start(Index.of([sketch(*(
        file(f"/{path}") for path in ("dev/pts/x", "dev/shm/x", "proc/x", "sys/x", ".dockerenv", "etc/resolv.conf",
                                      "etc/hosts", "etc/hostname", "dev/console", "etc/mtab")
    ))]))


# ---- the runtime spec ----------------------------------------------------------------------------------------


def test_the_spec_is_made_from_the_config() -> None:
    made = image(
        BASE, USERS, entrypoint=("sh", "-c"), cmd=("env",), env=("A=1", "PATH=/bin", "A=2"), working_dir="srv",
        user="app",
    )
    spec = runtime_spec(made, hostname="h1")
    process = spec["process"]
    assert spec["ociVersion"] == "1.0.2" and spec["root"] == {"path": "rootfs", "readonly": False}
    assert process["args"] == ["sh", "-c", "env"] and process["cwd"] == "/srv"
    assert process["env"] == ["PATH=/bin", "HOSTNAME=h1", "A=2"]
    assert process["user"] == {"uid": 1000, "gid": 1001, "additionalGids": [1001, 10]}
    assert process["capabilities"] == {"bounding": list(CAPABILITIES), "effective": [], "permitted": []}
    assert "noNewPrivileges" not in process
    assert runtime_spec(made, args=["true"])["process"]["args"] == ["sh", "-c", "true"]


# As id(1) printed it in containers of an image with these two files.
WHO = [
    ("", (0, 0, [0, 10])), ("root", (0, 0, [0, 10])), ("app", (1000, 1001, [1001, 10])),
    ("1000", (1000, 1001, [1001, 10])), ("app:wheel", (1000, 10, [10])), ("app:77", (1000, 77, [77])),
    ("10", (10, 0, [0])), ("1000:10", (1000, 10, [10])),
]  # fmt: skip


@pytest.mark.parametrize(("user", "expected"), WHO)
def test_who_a_user_is(user: str, expected: tuple[int, int, list[int]]) -> None:
    found = runtime_spec(image(BASE, USERS, cmd=("sh",), user=user))["process"]["user"]
    assert (found["uid"], found["gid"], found["additionalGids"]) == expected


def test_a_name_of_a_file_that_a_layer_removed_is_unknown() -> None:
    bare = image(BASE, USERS, sketch(whiteout("/etc/passwd")), cmd=("sh",), user="root")
    with pytest.raises(StartRefused, match="unable to find user root"):
        runtime_spec(bare)
    assert runtime_spec(with_config(bare, RunConfig(cmd=("sh",))))["process"]["user"]["uid"] == 0


# Read off the config.json that docker 20.10 wrote for a container on a host with cgroup version 1.
DOCKER_MOUNTS = ["/proc", "/dev", "/dev/pts", "/sys", "/sys/fs/cgroup", "/dev/mqueue", "/dev/shm"]
DOCKER_CAPABILITIES = (
    "CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL "
    "AUDIT_WRITE"
)


def test_the_defaults_are_dockers() -> None:
    spec = runtime_spec(image(BASE, cmd=("sh",)), etc="/x", host=Host(cgroups=("cpu",)))
    assert [mount["destination"] for mount in spec["mounts"]] == [
        *DOCKER_MOUNTS, "/etc/resolv.conf", "/etc/hostname", "/etc/hosts",
    ]
    assert spec["process"]["capabilities"]["effective"] == [f"CAP_{name}" for name in DOCKER_CAPABILITIES.split()]
    # CapEff of a docker container: 14 capabilities.
    assert len(CAPABILITIES) == bin(0xA80425FB).count("1")
    assert [entry["type"] for entry in spec["linux"]["namespaces"]] == ["mount", "network", "uts", "pid", "ipc"]
    assert len(spec["linux"]["maskedPaths"]) == 10 and len(spec["linux"]["readonlyPaths"]) == 5
    assert "cgroup" in [entry["type"] for entry in runtime_spec(image(BASE, cmd=("sh",)))["linux"]["namespaces"]]


# ---- calls, mounts, time -------------------------------------------------------------------------------------


def begun_on(engine: Engine = Engine.RUNC, host: Host = Host()) -> Start:  # noqa: B008
    return start(image(BASE, cmd=("sh",)), engine=engine, host=host)


def test_the_groups_come_in_their_order() -> None:
    spans = [span.name for span in timeline(begun_on(Engine.DOCKER)).spans]
    assert spans == [
        "docker create", "overlay mount", "docker start", "fork and namespaces", "mounts", "pivot_root and detach",
        "read-only and masked paths", "capabilities and seccomp", "execve", "running",
    ]
    assert [span.name for span in timeline(begun_on()).spans] == spans[3:]


def test_the_mount_table_is_the_hosts_then_both_then_the_containers() -> None:
    frames = begun_on(Engine.DOCKER).frames
    after = {frame.call.turn: frame for frame in frames if frame.call and frame.call.turn is not Turn.NONE}
    assert [mount.target for mount in frames[0].mounts] == ["/"] and frames[0].hosts == 1
    assert after[Turn.OWN].namespaces and not frames[3].namespaces
    bound = after[Turn.BIND]
    assert bound.hosts == 2 and len(bound.mounts) == 3 and bound.mounts[1] == bound.mounts[2]
    pivoted = after[Turn.PIVOT]
    assert pivoted.hosts == 2 and pivoted.mounts[2].target == "/" and pivoted.mounts[2].kind == "overlay"
    end = frames[-1]
    assert end.hosts == 0 and end.mounts[0].kind == "overlay" and not any("merged" in m.target for m in end.mounts)
    assert sum(mount.target == "/" for mount in end.mounts) == 1
    assert end.limits == ("seccomp", "capset") and set(end.namespaces) >= {"mount", "pid", "uts", "ipc", "network"}


def test_the_overlay_has_each_layer_once_base_last_and_a_new_upper() -> None:
    made = image(BASE, USERS, cmd=("sh",))
    names = overlay_names(made, "c1")
    assert len(names.lowerdir) == 3, "two layers, and the init layer on top"
    assert str(names).index(names.lowerdir[2]) < str(names).index(names.lowerdir[0])
    assert names.upperdir and names.upperdir.endswith("c1/diff")
    other = overlay_names(made, "c2")
    assert other.lowerdir[:2] == names.lowerdir[:2] and other.upperdir != names.upperdir
    names.check()


def test_125_layers_fit_into_the_page_that_mount_takes() -> None:
    deep = EMPTY
    for number in range(125):
        deep = append(deep, sketch(file(f"/{number}")))
    overlay_names(deep, "c" * 12).check()


def test_the_root_is_writable_from_the_first_moment() -> None:
    frames = begun_on(Engine.DOCKER).frames
    roots = [mount for frame in frames for mount in frame.mounts if mount.kind == "overlay"]
    assert roots and all(mount.options[0] == "rw" for mount in roots)


TRACED = re.compile(r"\d+ +[\d.]+ (?:<\.\.\. )?(\w+)(.*)")


def test_calls_are_those_of_a_recorded_start(shared: Path) -> None:
    trace = (shared / "truth" / "wire" / "runc-syscalls.txt").read_text(encoding="utf-8")
    names = [match[1] for line in trace.splitlines() if (match := TRACED.match(line)) and "resumed" not in line]
    hierarchies = sorted(set(re.findall(r'"/sys/fs/cgroup/(\w+)/', trace)))
    begun = begun_on(host=Host(cgroups=tuple(hierarchies)))
    # The trace's runtime was given no seccomp filter, and its /proc had other paths to hide.
    said = [call.name for call in begun.calls if call.name != "seccomp"]

    def runs(calls: list[str]) -> list[str]:
        return [name for at, name in enumerate(calls) if not at or calls[at - 1] != name]

    assert runs(said) == runs(names)
    assert timeline(begun).total_ms == pytest.approx(RUNC_MS, rel=0.02)


def test_times_are_of_the_order_measured() -> None:
    docker, runc = timeline(begun_on(Engine.DOCKER)).total_ms, timeline(begun_on()).total_ms
    assert runc < docker == pytest.approx(DOCKER_RUN_MS, rel=0.05)
    assert docker < play(Machine()).now.at_ms
    assert [point.ms for point in MEASURED] == sorted(point.ms for point in MEASURED)


def test_the_calls_follow_the_spec() -> None:
    spec = runtime_spec(image(BASE, cmd=("sh",)))
    assert {call.name for call in calls(spec, Host())} >= {"unshare", "pivot_root", "seccomp", "capset"}
    spec["linux"].pop("seccomp")
    spec["linux"]["maskedPaths"] = []
    spec["mounts"] = spec["mounts"][:1]
    fewer = calls(spec, Host())
    assert not any(call.name == "seccomp" for call in fewer)
    assert [str(call.mount) for call in fewer if call.mount][0] == "proc /proc proc rw,nosuid,noexec,nodev"
    assert sum(call.ms for call in fewer) < sum(call.ms for call in begun_on().calls)


def test_a_start_is_the_same_again() -> None:
    assert begun_on(Engine.DOCKER) == begun_on(Engine.DOCKER)


# ---- what an image has; many of them -------------------------------------------------------------------------


def test_an_image_has_no_kernel_no_bootloader_and_empty_mount_points() -> None:
    found = contents(image(
        sketch(directory("/boot"), directory("/proc"), directory("/dev"), file("/bin/sh", PROGRAM, 0o755),
               file("/etc/os-release", b'NAME="X"\nPRETTY_NAME="Example 1"\n')),
    ))
    assert found.distribution == "Example 1" and (found["shell"].there, found["shell"].size) == (True, len(PROGRAM))
    for name in ("kernel", "initramfs", "bootloader", "kernel modules", "/sys", "init"):
        assert not found[name].there, name
    assert found["/dev"].there and found["/dev"].entries == 0


def test_a_kernel_in_an_image_is_found_and_one_that_was_removed_is_not() -> None:
    kernel = sketch(
        file("/boot/vmlinuz-6.1", b"k" * 10), file("/boot/grub/grub.cfg"), file("/usr/lib/modules/6.1/a.ko", b"m"),
        symlink("/lib", "usr/lib"), file("/boot/initrd.img-6.1"),
    )
    found = contents(image(kernel))
    assert found["kernel"].paths == ("boot/vmlinuz-6.1",) and found["kernel"].size == 10
    assert found["bootloader"].there and found["initramfs"].there and found["kernel modules"].there
    assert not contents(image(kernel, sketch(whiteout("/boot"))))["kernel"].there


@pytest.mark.parametrize("name", NAMES)
def test_samples_start_and_hold_no_kernel(name: str) -> None:
    opened = sample(name)
    begun = start(opened)
    assert begun.refused is None and not contents(opened)["kernel"].there
    assert begun.uname().split()[2] == Host().release, "every distribution answers with the host's kernel"


@pytest.mark.parametrize("name", ["ubuntu-cyo57.oci.tar", "bb-union.oci.tar", "bb-union.docker.tar.zst"])
def test_real_images_start_and_hold_no_kernel(shared: Path, name: str) -> None:
    opened = open_image(shared / "images" / name)
    begun = start(opened)
    assert begun.refused is None, begun.screen
    found = contents(opened)
    assert not any(found[part].there for part in ("kernel", "initramfs", "bootloader", "kernel modules"))
    assert found["shell"].there


def test_many_containers_share_what_many_machines_do_not() -> None:
    ubuntu, vim, alpine = sample("ubuntu"), sample("ubuntu-vim"), sample("alpine")
    both = fleet([ubuntu, ubuntu, vim, alpine])
    few, many = both.containers, both.machines
    assert (few.count, few.kernels, many.count, many.kernels) == (4, 1, 4, 4)
    assert few.kernel_bytes == Kernel().stays and many.kernel_bytes == 4 * Kernel().stays
    assert few.all_ms < many.first_ms and few.memory_bytes < many.memory_bytes and few.disk_bytes < many.disk_bytes
    assert few.shared_bytes > 0 == many.shared_bytes
    # The base that ubuntu-vim stands on is ubuntu's own layer: stored once.
    assert few.disk_bytes == fleet([vim, alpine]).containers.disk_bytes
    assert set(both.kernels) == {Host().release}


def test_one_more_container_of_an_image_costs_no_disk_and_no_kernel() -> None:
    one, two = (fleet([sample("alpine")] * count).containers for count in (1, 2))
    for same in ("disk_bytes", "cache_bytes", "kernel_bytes"):
        assert getattr(one, same) == getattr(two, same)
    assert two.program_bytes == 2 * one.program_bytes and two.all_ms == pytest.approx(2 * one.all_ms)


def test_a_fleet_of_none_costs_nothing_but_the_host() -> None:
    none = fleet([])
    assert (none.containers.all_ms, none.machines.memory_bytes, none.containers.kernels) == (0.0, 0, 1)
