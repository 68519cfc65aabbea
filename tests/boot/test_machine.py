"""A machine's boot: steps forward and back, memory, mounts, times, and what goes wrong in which words."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.boot.cost import OPEN_MS, RATES, Pace
from sim.boot.effects import memory_after
from sim.boot.hardware import Failure, Kernel, Machine, failures
from sim.boot.machine import Boot, Frame, fitted, play, shut_down, stage_names, timeline
from sim.boot.memory import KIB, MIB, Memory, Part, Writing
from sim.boot.stages import ENDS, MARKS, TABLE, Event, State, Way, legal
from sim.errors import IllegalEvent, SimError
from tests.bootkit.marks import modelled

machines = st.builds(
    lambda way, data: Machine(way=way, failure=data), st.sampled_from(Way), st.none()
) | st.sampled_from([Machine(way=way, failure=failure) for way in Way for failure in failures(way)])


def at(boot: Boot, state: State) -> Frame:
    return next(frame for frame in boot.frames if frame.state is state)


# ---- properties ----------------------------------------------------------------------------------------------


def consistent(boot: Boot) -> None:
    now = boot.now
    memory = now.memory
    assert 0 <= memory.used <= memory.total and memory.free >= 0
    assert all(region.size > 0 for region in memory.regions)
    parts = [region.part for region in memory.regions]
    assert len(set(parts)) == len(parts)
    roots = [mount for mount in now.mounts if mount.target == "/"]
    assert len(roots) == bool(now.mounts)
    if now.writing is Writing.READ_ONLY:
        assert roots[0].options[0] == "ro"
    if now.writing is Writing.WORKS:
        assert roots[0].options[0] == "rw"
    assert now.done is None or (now.done in TABLE and now.done.to is now.state)


@given(machines, st.data())
def test_any_course_of_events_keeps_the_machine_consistent_and_every_step_can_be_taken_back(
    machine: Machine, data: st.DataObject
) -> None:
    boot = Boot.of(machine)
    for _ in range(30):
        event = data.draw(st.sampled_from(Event))
        possible = {line.event for line in boot.legal()}
        if event not in possible:
            before = boot
            with pytest.raises(IllegalEvent):
                boot.apply(event)
            assert boot == before and boot is before
            if not possible:
                break
            event = data.draw(st.sampled_from(sorted(possible)))
        after = boot.apply(event)
        assert after.now.at_ms >= boot.now.at_ms and after.back() == boot and after.frames[:-1] == boot.frames
        boot = after
        consistent(boot)
    while len(boot.frames) > 1:
        boot = boot.back()
    assert boot == Boot.of(machine) == boot.back()


@given(machines)
def test_a_played_boot_is_at_rest_and_its_steps_are_the_same_again(machine: Machine) -> None:
    boot = play(machine)
    assert boot.at_rest and boot.now.state in ENDS and boot.step() == boot
    again = Boot.of(machine)
    for frame in boot.frames[1:]:
        again = again.step()
        assert again.now == frame
    assert boot.back().step() == boot


def test_events_that_the_memory_contradicts_are_illegal() -> None:
    boot = Boot.of(Machine())
    while boot.now.state is not State.KERNEL_INIT:
        boot = boot.step()
    assert Event.INITRD_ABSENT in {line.event for line in legal(boot.now.state, Way.BIOS)}
    with pytest.raises(IllegalEvent):
        boot.apply(Event.INITRD_ABSENT)


# ---- memory, mounts, writing ---------------------------------------------------------------------------------


def test_what_is_freed_and_what_stays() -> None:
    boot = play(Machine())
    freed = {(region.part, region.size) for frame in boot.frames for region in frame.freed}
    # A recorded kernel's own "Freeing ..." lines; the rest is the bootloader's and the archive's.
    assert {(Part.INITRD, 1168 * KIB), (Part.INITMEM, 2612 * KIB)} <= freed
    assert (Part.GAPS, (2040 + 1892) * KIB) in freed
    assert {part for part, _ in freed} == {
        Part.INITRD, Part.INITMEM, Part.GAPS, Part.BOOTLOADER, Part.COMPRESSED, Part.INITRAMFS,
    }
    stays = {region.part: region.size // KIB for region in boot.now.memory.regions}
    assert [stays[part] for part in (Part.CODE, Part.RODATA, Part.RWDATA, Part.BSS)] == [14343, 8348, 2327, 5436]
    assert boot.now.memory.kernel == Kernel().stays
    for frame in boot.frames:
        reached = boot.frames.index(frame) >= boot.frames.index(at(boot, State.EARLY_KERNEL))
        assert frame.memory.kernel == (Kernel().stays if reached else 0), "the kernel is never unloaded"


@pytest.mark.parametrize("machine", [Machine(way=way) for way in Way])
def test_each_change_of_memory_is_accounted_for(machine: Machine) -> None:
    boot = play(machine)
    for before, after in zip(boot.frames, boot.frames[1:], strict=False):
        given_back = sum(region.size for region in after.freed)
        taken = sum(
            after.memory.size(part) - before.memory.size(part) for part in Part if after.memory.size(part)
        )
        assert after.memory.used == before.memory.used - given_back + taken
    account = timeline(boot).memory
    assert account["used"] + account["free"] == account["total"] and account["used"] <= account["peak"]
    assert sum(region["bytes"] for region in account["regions"]) == account["used"]


def test_the_archive_and_its_files_lie_in_memory_side_by_side() -> None:
    boot = play(Machine())
    memory = at(boot, State.UNPACK_INITRAMFS).memory
    assert memory.size(Part.INITRD) and memory.size(Part.INITRAMFS)


ROOTS = [
    # state, the root's source, how, what a write gets, claim
    (State.EARLY_KERNEL, None, None, None, "nothing is mounted"),
    (State.UNPACK_INITRAMFS, "rootfs", "rw", 0, "the initramfs is the root"),
    (State.SWITCH_ROOT, "rootfs", "rw", 0, "the real root is mounted, and not yet the root"),
    (State.INIT, "/dev/vda2", "ro", errno.EROFS, "a write before the remount fails"),
    (State.ROOT_WRITABLE, "/dev/vda2", "rw", 0, "after it, it works"),
    (State.RUNNING, "/dev/vda2", "rw", 0, "and so on"),
]


@pytest.mark.parametrize(("state", "source", "how", "code", "claim"), ROOTS, ids=[row[-1] for row in ROOTS])
def test_the_root(state: State, source: str | None, how: str | None, code: int | None, claim: str) -> None:
    frame = at(play(Machine()), state)
    root = next((mount for mount in frame.mounts if mount.target == "/"), None)
    assert (root and root.source, root and root.options[0], frame.writing.errno) == (source, how, code)


def test_the_kernel_never_mounts_boot_in_order_to_boot() -> None:
    boot = play(Machine())
    with_boot = [frame.state for frame in boot.frames if any(mount.target == "/boot" for mount in frame.mounts)]
    assert with_boot == [State.SERVICES, State.RUNNING]


def test_an_image_as_initramfs_keeps_its_files_in_memory() -> None:
    machine = Machine(Way.INITRAMFS, 1024 * MIB, initrd=70_000_000, initrd_files=70_000_000)
    boot = play(machine)
    assert boot.now.memory.size(Part.INITRAMFS) == 70_000_000 and not boot.now.memory.size(Part.INITRD)
    assert boot.now.writing is Writing.IN_MEMORY and boot.now.mounts[0].kind == "rootfs"
    assert boot.screen[-1] == "/ #" and "Run /bin/sh as init process" in boot.screen


def test_too_little_memory_is_a_sentence() -> None:
    with pytest.raises(SimError, match="initrd image; give it more memory"):
        play(Machine(Way.INITRAMFS, 64 * MIB, initrd=70_000_000, initrd_files=70_000_000))
    with pytest.raises(SimError, match="needs 11 for the programs"):
        Memory(10).take(Part.PROGRAMS, 11)


def test_switched_off_all_memory_is_free_and_it_can_boot_again() -> None:
    off = shut_down(play(Machine()))
    assert off.now.memory == Memory(256 * MIB) and off.now.mounts == () and off.now.state is State.OFF
    assert off.frames[-2].mounts[0].options[0] == "ro", "the root is made read-only before"
    assert off.step().now.state is State.POWER_ON
    with pytest.raises(IllegalEvent):
        shut_down(play(Machine(failure=Failure.KERNEL_MISSING)))


def test_memory_after_is_total() -> None:
    for line in TABLE:
        found = memory_after(Memory(1024 * MIB), line, Machine())
        assert found.free >= 0


# ---- failures ------------------------------------------------------------------------------------------------

FAILED = [
    # failure, way, state, lines on the screen, claim
    (Failure.NO_BOOT_SECTOR, Way.BIOS, State.NO_BOOT_DEVICE,
     ["Boot failed: not a bootable disk", "Boot failed: could not read the boot disk", "No bootable device."],
     "SeaBIOS finds 55AA missing"),
    (Failure.NO_BOOT_SECTOR, Way.UEFI, State.NO_BOOT_DEVICE,
     ["BdsDxe: No bootable option or device was found."], "UEFI finds no loader"),
    (Failure.KERNEL_MISSING, Way.BIOS, State.GRUB_ERROR,
     ["error: file `/vmlinuz-6.1.0-amd64' not found.", "error: you need to load the kernel first."], "GRUB"),
    (Failure.WRONG_ROOT, Way.BIOS, State.EMERGENCY_SHELL,
     ["ALERT!  /dev/vdz2 does not exist.  Dropping to a shell!", "(initramfs)"], "the initramfs gives up"),
    (Failure.MISSING_DRIVER, Way.BIOS, State.PANIC,
     ['VFS: Cannot open root device "vda2" or unknown-block(0,0): error -6',
      "Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)"], "no driver: panic"),
    (Failure.MISSING_DRIVER, Way.DIRECT, State.PANIC,
     ["Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)"], "the same without GRUB"),
    (Failure.CORRUPT_INITRAMFS, Way.BIOS, State.PANIC,
     ["Initramfs unpacking failed: invalid magic at start of compressed archive", "Freeing initrd memory: 1168K",
      "Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)"], "then there is no /init"),
    (Failure.CORRUPT_INITRAMFS, Way.INITRAMFS, State.PANIC,
     ['VFS: Cannot open root device "(null)" or unknown-block(0,0): error -6'], "and no root= either"),
    (Failure.ROOT_FULL, Way.UEFI, State.DEGRADED, ["write error: No space left on device"], "up, and useless"),
    (Failure.ROOT_DIRTY, Way.BIOS, State.RUNNING,
     ["EXT4-fs (vda2): INFO: recovery required on readonly filesystem",
      "EXT4-fs (vda2): write access will be enabled during recovery", "EXT4-fs (vda2): recovery complete"], "it heals"),
]


@pytest.mark.parametrize(
    ("failure", "way", "state", "words", "claim"), FAILED, ids=[f"{row[0]} {row[1]}" for row in FAILED]
)
def test_the_screen_shows_what_a_real_machine_shows(
    failure: Failure, way: Way, state: State, words: list[str], claim: str
) -> None:
    boot = play(Machine(way, failure=failure))
    assert boot.now.state is state, claim
    shown = [line for line in boot.screen if line in words]
    assert shown == words
    assert any(frame.failed for frame in boot.frames)
    assert words[-1] not in play(Machine(way)).screen, "a healthy machine does not say so"


def test_the_table_of_failures_is_whole() -> None:
    assert {row[0] for row in FAILED} == set(Failure)
    assert {way: len(failures(way)) for way in Way} == {Way.BIOS: 7, Way.UEFI: 7, Way.DIRECT: 5, Way.INITRAMFS: 1}


def test_what_cannot_happen_on_a_way_is_refused_with_what_can() -> None:
    with pytest.raises(SimError, match="kernel-missing cannot happen on the way direct; choose of wrong-root"):
        Machine(Way.DIRECT, failure=Failure.KERNEL_MISSING)


@pytest.mark.parametrize("wrong", [{"memory": 0}, {"speed": 0.0}, {"initrd": 10, "initrd_files": 5}])
def test_a_machine_that_cannot_be_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(SimError):
        Machine(**wrong)  # type: ignore[arg-type]


def test_after_a_panic_nothing_writes_and_after_a_full_disk_nothing_can() -> None:
    assert play(Machine(failure=Failure.CORRUPT_INITRAMFS)).now.writing.errno is None
    assert play(Machine(failure=Failure.ROOT_FULL)).now.writing.errno == errno.ENOSPC


def test_no_panic_leaves_files_of_an_initramfs() -> None:
    for failure in (Failure.CORRUPT_INITRAMFS, Failure.MISSING_DRIVER):
        assert not play(Machine(failure=failure)).now.memory.size(Part.INITRAMFS)


# ---- time ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("machine", [Machine(way=way) for way in Way] + [Machine(failure=Failure.WRONG_ROOT)])
def test_spans_lie_in_a_row_and_sum_to_the_total(machine: Machine) -> None:
    boot = play(machine)
    found = timeline(boot)
    assert found.spans[0].start_ms == 0.0
    for span, later in zip(found.spans, found.spans[1:], strict=False):
        assert span.start_ms + span.duration_ms == pytest.approx(later.start_ms)
    assert sum(span.duration_ms for span in found.spans) == pytest.approx(found.total_ms) == boot.now.at_ms
    assert sum(found.groups().values()) == pytest.approx(found.total_ms)
    assert sum(found.shares().values()) == pytest.approx(1.0)


@pytest.mark.parametrize("way", Way)
def test_the_names_of_the_stages(way: Way) -> None:
    assert tuple(span.name for span in timeline(play(Machine(way))).spans) == stage_names(way)


@pytest.mark.parametrize("speed", [0.5, 3.0])
def test_speed_scales_all_but_waiting(speed: float) -> None:
    assert play(Machine(speed=speed)).now.at_ms == pytest.approx(play(Machine()).now.at_ms / speed)
    slow, plain = (play(Machine(failure=Failure.WRONG_ROOT, speed=s)).now.at_ms - 30_000 for s in (speed, 1.0))
    assert slow == pytest.approx(plain / speed)


@given(st.floats(100.0, 1e6), st.sampled_from(Way))
def test_one_speed_fits_a_measured_total(measured: float, way: Way) -> None:
    assert play(fitted(Machine(way), measured)).now.at_ms == pytest.approx(measured)


def test_a_boot_cannot_be_shorter_than_it_waits() -> None:
    with pytest.raises(SimError, match="waits"):
        fitted(Machine(failure=Failure.WRONG_ROOT), 29_000.0)


def test_more_bytes_take_longer_where_bytes_are_handled_and_nowhere_else() -> None:
    small, big = (timeline(play(Machine(initrd=size, initrd_files=3 * size))) for size in (MIB, 4 * MIB))
    grown = {a.name for a, b in zip(small.spans, big.spans, strict=True) if b.duration_ms > a.duration_ms + 1e-6}
    assert grown == {"read initrd", "unpack initramfs"}


def test_what_was_never_measured_says_so() -> None:
    assert not any(span.estimated for span in timeline(play(Machine())).spans)
    estimated = [span.name for span in timeline(play(Machine(Way.UEFI))).spans if span.estimated]
    assert estimated == ["firmware", "EFI partition", "hand over"]


def recorded(shared: Path, way: Way) -> dict[State, float]:
    """Return the median span that begins with each mark of the recorded boots."""
    key = {Way.BIOS: "grub", Way.DIRECT: "direct"}[way]
    runs = json.loads((shared / "truth" / "boot-stages.json").read_text(encoding="utf-8"))[key]
    times = [[0.0, *(when for when, _ in run.values())] for run in runs]
    begins = [State.POWER_ON, *MARKS[way].values()]
    spans = [median(run[at + 1] - run[at] for run in times) for at in range(len(begins) - 1)]
    return dict(zip(begins, spans, strict=False))


@pytest.mark.parametrize("way", [Way.BIOS, Way.DIRECT])
def test_the_constants_are_those_of_the_recorded_boots(shared: Path, way: Way) -> None:
    seen, said = recorded(shared, way), modelled(Machine(way))
    assert list(said) == list(seen)
    whole = sum(seen.values())
    # The constants are means of the two ways' medians: the total and each share are near both, not equal to either.
    assert sum(said.values()) == pytest.approx(whole, rel=0.03)
    for state, ms in seen.items():
        assert abs(said[state] / sum(said.values()) - ms / whole) < 0.02, state


def test_the_bootloaders_rate_solves_both_recorded_reads(shared: Path) -> None:
    seen = recorded(shared, Way.BIOS)
    machine = Machine()
    for state, size in ((State.READ_KERNEL, machine.kernel.vmlinuz), (State.READ_INITRD, machine.initrd)):
        assert OPEN_MS + size / RATES[Pace.READ] == pytest.approx(seen[state], rel=0.01)
