"""The transition table: complete, deterministic, and every stage of a recorded boot in it."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import pytest

from sim.boot.stages import ENDS, MARKS, TABLE, Event, State, Way, course, diagram, legal, successor
from sim.errors import IllegalEvent

# The marks of a boot as they were stamped on a serial line, in their order; the names alone.
FIRMWARE = ["SeaBIOS banner", "BIOS int19 (boot)", "MBR/ROM jump"]
GRUB = ["GRUB core running", "GRUB loading vmlinuz", "GRUB loading initrd", "GRUB boot"]
KERNEL = [
    "first kernel line", "Memory line", "unpack initramfs start", "initrd freed", "initmem freed", "Run /init",
    "initramfs /init alive", "modules loaded", "root mounted ro", "real init (switch_root)", "root rw",
    "overlay mounted", "power down", "qemu exit",
]  # fmt: skip
SEEN = {Way.BIOS: FIRMWARE + GRUB + KERNEL, Way.DIRECT: FIRMWARE + KERNEL}
SHUT_DOWN = [State.POWER_DOWN, State.OFF]


def states(way: Way) -> list[State]:
    return [line.to for line in course(way)] + SHUT_DOWN


@pytest.mark.parametrize("way", SEEN)
def test_every_mark_of_a_recorded_boot_is_a_state_in_the_order_seen(way: Way) -> None:
    assert list(MARKS[way]) == SEEN[way]
    reached = states(way)
    places = [reached.index(state) for state in MARKS[way].values()]
    assert places == sorted(places) and len(set(places)) == len(places)


@pytest.mark.parametrize(("way", "key"), [(Way.BIOS, "grub"), (Way.DIRECT, "direct")])
def test_the_recorded_boots_have_these_marks_and_no_others(shared: Path, way: Way, key: str) -> None:
    recorded = json.loads((shared / "truth" / "boot-stages.json").read_text(encoding="utf-8"))[key]
    assert len(recorded) == 3
    for run in recorded:
        assert list(run) == list(MARKS[way])
        times = [when for when, _ in run.values()]
        assert times == sorted(times)


def test_the_table_is_deterministic_and_every_state_is_reached() -> None:
    keys = [(line.state, line.event) for line in TABLE]
    assert len(set(keys)) == len(keys)
    assert {line.to for line in TABLE} == set(State)
    assert {line.event for line in TABLE} == set(Event)
    assert all(line.effect and line.ways for line in TABLE)


@pytest.mark.parametrize("way", Way)
def test_a_state_of_a_way_has_one_regular_event_or_is_an_end(way: Way) -> None:
    graph = diagram(way)
    for state in graph.nodes:
        regular = [line for line in legal(state, way) if not line.failure]
        if state in ENDS - {State.RUNNING, State.DEGRADED}:
            assert legal(state, way) == ()
        else:
            assert len(regular) == 1, state
            assert legal(state, way)[0] == regular[0], "the regular course comes first"


@pytest.mark.parametrize(
    ("way", "has", "has_not", "claim"),
    [
        (Way.BIOS, {State.BOOT_SECTOR, State.BOOTLOADER}, {State.EFI_PARTITION, State.OPTION_ROM}, "a boot sector"),
        (Way.UEFI, {State.EFI_PARTITION, State.BOOTLOADER}, {State.BOOT_SECTOR}, "no boot sector with UEFI"),
        (Way.DIRECT, {State.OPTION_ROM, State.SWITCH_ROOT}, {State.BOOTLOADER, State.READ_KERNEL}, "no bootloader"),
        (Way.INITRAMFS, {State.UNPACK_INITRAMFS}, {State.MOUNT_ROOT, State.SWITCH_ROOT}, "no switch"),
    ],
)
def test_what_a_way_goes_through(way: Way, has: set[State], has_not: set[State], claim: str) -> None:
    reached = set(states(way))
    assert has <= reached and not has_not & reached, claim


def test_the_initramfs_way_is_a_part_of_the_direct_one_until_it_runs() -> None:
    image, direct = states(Way.INITRAMFS), states(Way.DIRECT)
    shared = [state for state in image if state in direct]
    assert shared == image and [state for state in direct if state in image] == image


@pytest.mark.parametrize("way", Way)
def test_what_is_not_in_the_table_raises_and_says_what_could_happen(way: Way) -> None:
    for state, event in product(State, Event):
        lines = [line for line in TABLE if (line.state, line.event) == (state, event) and way in line.ways]
        if lines:
            assert successor(state, event, way) is lines[0]
            continue
        with pytest.raises(IllegalEvent) as caught:
            successor(state, event, way)
        assert (caught.value.state, caught.value.event) == (state, event)
        assert set(caught.value.legal) == {line.event for line in legal(state, way)}


def test_the_diagram_is_the_table() -> None:
    graph = diagram()
    assert graph.edges == TABLE and set(graph.nodes) == set(State)
    text = str(graph).splitlines()
    assert len(text) == len(TABLE)
    assert sum(line.startswith("!") for line in text) == sum(line.failure for line in TABLE)
    for line, edge in zip(text, TABLE, strict=True):
        assert f"--{edge.event}-->  {edge.to}" in line


@pytest.mark.parametrize("way", Way)
def test_a_ways_diagram_is_its_part(way: Way) -> None:
    graph = diagram(way)
    assert set(graph.edges) == {line for line in TABLE if way in line.ways}
    assert set(graph.nodes) <= set(diagram().nodes)
