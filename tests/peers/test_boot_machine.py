"""A machine's boot against real ones in qemu: the stages' order and times, and the words on the screen.

Debian's kernel, GRUB and busybox on a disk image, without KVM. LAYERLAB_FULL=1 takes the median of five boots of each
way, where two are the usual ones, and waits with Debian's own initramfs for a root that does not come.
LAYERLAB_KERNEL_ROOT names a folder with boot/ and lib/modules/, where the kernel is not installed.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.boot.export import write_initramfs
from sim.boot.hardware import Failure, Kernel, Machine
from sim.boot.machine import fitted, play
from sim.boot.memory import MIB
from sim.boot.stages import State, Way
from sim.fs.sketch import directory, file, sketch, symlink, whiteout
from sim.image.build import append
from sim.image.layer import Image
from sim.source import open_image
from tests.bootkit.disk import GRUB, file_system
from tests.bootkit.guest import BUSYBOX, REAL_INIT, SERIAL, Parts, image_of, initramfs_layer, kernel, parts, root_folder
from tests.bootkit.marks import modelled, moments, spans
from tests.bootkit.qemu import QEMU, Seen, boot, drive

FULL = os.environ.get("LAYERLAB_FULL") == "1"
BOOTS = 5 if FULL else 2
WAYS = (Way.BIOS, Way.DIRECT)
#: SeaBIOS prints on the serial line what it would print on a screen.
TEXT_SCREEN = ("-machine", "pc,graphics=off")

Need = Callable[[object, str], None]


@pytest.fixture(scope="module")
def machine(need: Need, tmp_path_factory: pytest.TempPathFactory) -> Parts:
    """The parts of a machine."""
    for name in (QEMU, "grub-mkimage", "mke2fs"):
        need(shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin"), f"{name} is not installed")
    need(GRUB.is_dir(), "grub-pc-bin is not installed")
    need(BUSYBOX.exists(), "busybox-static is not installed")
    which = kernel()
    need(which, "no kernel with its modules is installed")
    assert which is not None
    return parts(which, tmp_path_factory.mktemp("machine"))


def as_modelled(machine: Parts, way: Way, failure: Failure | None = None, initrd: Path | None = None) -> Machine:
    """Return the model of a machine."""
    archive = machine.initrd if initrd is None else initrd
    size = archive.stat().st_size
    files = size if archive.suffix != ".gz" else machine.initrd_files
    known = Kernel(machine.kernel.release, machine.kernel.vmlinuz.stat().st_size)
    return Machine(way, kernel=known, initrd=size, initrd_files=files, failure=failure)


def booted(machine: Parts, way: Way, disk: Path | None = None, initrd: Path | None = None) -> Seen:
    """Boot a machine to its own end."""
    options = drive(disk or machine.disk)
    return boot(*options) if way is Way.BIOS else boot(*machine.direct(initrd=initrd), *options)


@pytest.fixture(scope="module")
def boots(machine: Parts) -> dict[Way, list[Seen]]:
    """Some boots of each way, taken in turn."""
    found: dict[Way, list[Seen]] = {way: [] for way in WAYS}
    for _ in range(BOOTS):
        for way in WAYS:
            found[way].append(booted(machine, way))
    return found


def unstamped(text: str) -> list[str]:
    """Return lines without the kernel's time stamps and a terminal's control characters."""
    return [re.sub(r"^\[ *\d+\.\d+\] |\x1b\[[0-9;?]*[A-Za-z]|\x1bc", "", line).strip() for line in text.splitlines()]


def in_order(words: list[str], lines: list[str]) -> None:
    """Assert that lines with these words come one after another."""
    at = 0
    for word in words:
        rest = [number for number in range(at, len(lines)) if word.strip() in lines[number]]
        assert rest, f"{word!r} does not come after line {at}: " + "\n".join(lines[-40:])
        at = rest[0]


# ---- the course ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_the_stages_come_in_the_models_order(way: Way, machine: Parts, boots: dict[Way, list[Seen]]) -> None:
    for seen in boots[way]:
        found = moments(seen, way)
        assert list(found.values()) == sorted(found.values())
        assert list(modelled(as_modelled(machine, way))) == list(found)[:-1]


@pytest.mark.parametrize("way", WAYS)
def test_the_root_is_read_only_until_it_is_remounted(way: Way, boots: dict[Way, list[Seen]]) -> None:
    in_order(
        ["MARK real init", "can't create /probe: Read-only file system", "MARK read-only", "MARK root rw",
         "MARK written", "MARK overlay mounted"], unstamped(boots[way][0].text),
    )


@pytest.mark.parametrize("way", WAYS)
def test_the_screen_shows_the_kernels_own_words(way: Way, machine: Parts, boots: dict[Way, list[Seen]]) -> None:
    said = [line for line in play(as_modelled(machine, way)).screen if not line.startswith("Memory: ")]
    # Debian's initramfs and login are not part of this machine, and GRUB greets before it knows the serial line.
    said = [line for line in said if line not in ("Loading, please wait...", "login:", "GRUB loading.",
                                                  "Welcome to GRUB!")]
    assert len(said) >= 9
    lines = unstamped(boots[way][0].text)
    # The debug port and the serial line are two: what SeaBIOS says comes first in each.
    in_order(said, [line for line in lines if "sercon" not in line])


MEMORY = re.compile(r"Memory: (\d+)K/(\d+)K available \((.*) init, (\d+)K bss, (\d+)K reserved, 0K cma-reserved\)")


@pytest.mark.parametrize("way", WAYS)
def test_the_memory_is_shared_out_as_the_kernel_says(
    way: Way, machine: Parts, boots: dict[Way, list[Seen]]
) -> None:
    real, ours = (
        next(match for line in lines if (match := MEMORY.fullmatch(line)))
        for lines in (unstamped(boots[way][0].text), list(play(as_modelled(machine, way)).screen))
    )
    assert real[3] == ours[3] and real[4] == ours[4], "the kernel's parts, to the KiB"
    for group, what in ((1, "available"), (2, "of"), (5, "reserved")):
        assert int(ours[group]) == pytest.approx(int(real[group]), rel=0.03), what
    gaps = [int(size) for size in re.findall(r"/(?:rodata|data) gap\) memory: (\d+)K", boots[way][0].text)]
    assert sum(gaps) * 1024 == Kernel().gaps


@pytest.mark.timed
@pytest.mark.parametrize("way", WAYS)
def test_each_stage_has_the_share_of_the_time_that_the_model_says(
    way: Way, machine: Parts, boots: dict[Way, list[Seen]]
) -> None:
    seen = spans([moments(one, way) for one in boots[way]])
    total = sum(seen.values())
    said = modelled(fitted(as_modelled(machine, way), total - modelled(as_modelled(machine, way))[State.POWER_DOWN]))
    assert sum(said.values()) == pytest.approx(total, rel=0.25)
    off = {str(state): said[state] / sum(said.values()) - ms / total for state, ms in seen.items()}
    assert all(abs(points) < 0.10 for points in off.values()), off


@pytest.mark.timed
@pytest.mark.parametrize("way", WAYS)
def test_a_speed_fitted_to_one_machine_tells_the_time_of_another(
    way: Way, machine: Parts, boots: dict[Way, list[Seen]]
) -> None:
    """An archive nine times as large, and not compressed: what grows with it is what the model says grows."""
    large = machine.folder / f"large-{way}.cpio"
    heavy = sketch(file("/heavy", BUSYBOX.read_bytes() * 4))
    write_initramfs(append(image_of(initramfs_layer(machine.kernel)), heavy), large)
    disk = machine.boot_disk(f"large-{way}", large)
    fastest = min(ended(seen) for seen in boots[way])
    speed = fitted(as_modelled(machine, way), fastest).speed
    seen = min(ended(booted(machine, way, disk, large)) for _ in range(BOOTS))
    said = play(as_modelled(machine, way, initrd=large)).now.at_ms / speed
    assert said == pytest.approx(seen, rel=0.25)


def ended(seen: Seen) -> float:
    assert seen.ended_ms is not None
    return seen.ended_ms


# ---- what can go wrong ---------------------------------------------------------------------------------------


def screen_of(machine: Parts, failure: Failure, way: Way = Way.DIRECT) -> list[str]:
    """Return what the model shows that a machine in order does not."""
    usual = set(play(as_modelled(machine, way)).screen)
    lines = play(as_modelled(machine, way, failure)).screen
    return [line for line in lines if line and line not in usual and not line.startswith("Memory: ")]


def test_without_a_boot_sector(machine: Parts) -> None:
    disk = machine.boot_disk("nosector", machine.initrd, boot_code=False)
    seen = boot(*TEXT_SCREEN, *drive(disk), until="No bootable device.", seconds=20)
    in_order(["Booting from Hard Disk...", *screen_of(machine, Failure.NO_BOOT_SECTOR, Way.BIOS)], unstamped(seen.text))


def test_without_a_kernel(machine: Parts) -> None:
    disk = machine.boot_disk("nokernel", machine.initrd, vmlinuz=False)
    seen = boot(*TEXT_SCREEN, *drive(disk), until="need to load the kernel first.", seconds=20)
    lines = unstamped(seen.text)
    said = [line for line in screen_of(machine, Failure.KERNEL_MISSING, Way.BIOS) if "Press any key" not in line]
    assert len(said) == 2
    in_order([f"Loading Linux {machine.kernel.release} ...", *said], lines)
    in_order(["GRUB loading.", "Welcome to GRUB"], lines)


def test_without_the_disks_driver_the_kernel_panics(machine: Parts) -> None:
    append_ = f"root=/dev/vda2 ro {SERIAL.replace('panic=-1', 'panic=0')}"
    seen = boot("-kernel", machine.kernel.vmlinuz, "-append", append_, *drive(machine.disk),
                until="]---", seconds=40)
    in_order(screen_of(machine, Failure.MISSING_DRIVER), unstamped(seen.text))


def test_with_a_corrupt_initramfs_the_kernel_panics(machine: Parts) -> None:
    corrupt = machine.folder / "corrupt.gz"
    corrupt.write_bytes(b"Z" * machine.initrd.stat().st_size)
    seen = boot(*machine.direct(initrd=corrupt), *drive(machine.disk), seconds=40)
    said = play(as_modelled(machine, Way.DIRECT, Failure.CORRUPT_INITRAMFS)).screen
    freed = next(line for line in said if "initrd memory" in line)
    words = [line for line in screen_of(machine, Failure.CORRUPT_INITRAMFS) if "[ end" not in line]
    in_order([words[0], freed, *words[1:]], unstamped(seen.text))
    assert "Run /init" not in seen.text


def test_a_dirty_root_is_recovered(machine: Parts) -> None:
    init = REAL_INIT.replace("insmod /lib/overlay.ko", "sync; echo more >/more; sync; echo MARK dirty; sleep 99")
    root = file_system(
        machine.folder / "dirty.ext4", root_folder(machine.kernel, machine.folder / "dirty.root", init), "ext4", 32
    )
    disk = machine.boot_disk("dirty", machine.initrd, root=root)
    kept = ("-drive", f"file={disk},format=raw,if=virtio,cache=writethrough")
    boot(*machine.direct(), *kept, until="MARK dirty", seconds=40)
    seen = boot(*machine.direct(), *kept, until="MARK root rw", seconds=40)
    said = screen_of(machine, Failure.ROOT_DIRTY)
    assert len(said) == 3
    in_order([*said, "EXT4-fs (vda2): mounted filesystem with ordered data mode. Quota mode: none."],
             unstamped(seen.text))


def test_nothing_is_written_to_a_full_root(machine: Parts) -> None:
    init = REAL_INIT.replace("insmod /lib/overlay.ko", "dd if=/dev/zero of=/fill bs=4096; echo >/more; poweroff -f")
    root = file_system(
        machine.folder / "full.ext4", root_folder(machine.kernel, machine.folder / "full.root", init), "ext4", 16
    )
    seen = boot(*machine.direct(), *drive(machine.boot_disk("full", machine.initrd, root=root)), seconds=40)
    in_order(["MARK root rw", *screen_of(machine, Failure.ROOT_FULL)[:1]], unstamped(seen.text))


@pytest.mark.skipif(not FULL, reason="Debian's initramfs waits half a minute: LAYERLAB_FULL=1 waits with it")
def test_debians_initramfs_waits_for_a_root_that_does_not_come(machine: Parts, tool: Callable[..., object]) -> None:
    initrd = machine.folder / "debian.img"
    tool("mkinitramfs", "-o", initrd, machine.kernel.release)
    words = f"root=/dev/vdz2 ro {SERIAL.removesuffix(' panic=-1')}"  # Told to panic, it gives no shell.
    seen = boot("-kernel", machine.kernel.vmlinuz, "-initrd", initrd, "-append", words, *drive(machine.disk),
                memory=512, until="(initramfs)", seconds=150)
    said = ["Loading, please wait...", *screen_of(machine, Failure.WRONG_ROOT)]
    in_order(said, unstamped(seen.text))
    waited = seen.moment("Gave up waiting") - seen.moment("Waiting for root file system")
    assert waited == pytest.approx(30_000, rel=0.1)


# ---- an image as an initramfs --------------------------------------------------------------------------------


def layered() -> Image:
    """An image of two layers around a busybox: the upper one takes a file away and puts another into its place."""
    base = sketch(
        file("/bin/busybox", BUSYBOX.read_bytes(), 0o755), *(symlink(f"/bin/{name}", "busybox") for name in
                                                             ("sh", "id", "uname", "ls", "cat", "mount", "stat")),
        directory("/proc"), file("/etc/gone", b"x"), file("/etc/motd", b"lower"), directory("/srv", 0o700, 1, 2),
    )
    return append(image_of(base), sketch(whiteout("/etc/gone"), file("/etc/motd", b"from the upper layer\n")))


def test_an_image_boots_to_a_shell_prompt(machine: Parts) -> None:
    seen = shell(machine, layered(), b"ls /etc; cat /etc/motd; stat -c %a:%u:%g /srv\n")
    lines = unstamped(seen.text)
    assert "gone" not in lines and "motd" in lines and "from the upper layer" in lines and "700:1:2" in lines


def test_a_real_image_boots_to_a_shell_prompt(machine: Parts, shared: Path) -> None:
    image = open_image(shared / "images" / "bb-union.oci.tar")
    assert "uid=0(root) gid=0(root)" in unstamped(shell(machine, image, b"id\n").text)


def shell(machine: Parts, image: Image, commands: bytes) -> Seen:
    """Boot an image, type commands at its prompt, and hold its stages and its root to the model's."""
    initrd = machine.folder / "image.cpio"
    made = write_initramfs(image, initrd)
    size = initrd.stat().st_size
    model = play(Machine(
        Way.INITRAMFS, 1024 * MIB, kernel=Kernel(machine.kernel.release), initrd=size, initrd_files=size,
    ))
    seen = boot(
        "-kernel", machine.kernel.vmlinuz, "-initrd", initrd, "-append", f"{made.append} {SERIAL}", memory=1024,
        until=model.screen[-1], answer=commands + b"uname -r; mount -t proc proc /proc; cat /proc/mounts; exit\n",
    )
    lines = unstamped(seen.text)
    in_order([line for line in model.screen if not line.startswith("Memory: ")], lines)
    assert machine.kernel.release in lines and not any("switch_root" in line for line in lines)
    root = next(line.split() for line in lines if " / rootfs " in line)
    assert (root[2], root[3].split(",")[0]) == (model.now.mounts[0].kind, model.now.mounts[0].options[0])
    assert "Kernel panic - not syncing: Attempted to kill init!" in seen.text, "a shell that ends is an init that ends"
    return seen
