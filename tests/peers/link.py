"""A wire between two network namespaces, as slow and as long as it is asked to be. Linux, root.

    namespace A   10.77.0.1 -- tun --+                          +-- tun -- 10.77.0.2   namespace B
                                     |  this process: each      |
                                     +--packet waits its turn---+
                                        and its delay

The kernel here need not know `netem`: each end of the wire is a TUN device, whose packets a process reads and writes. A
packet is sent once those before it are (the rate), and arrives `delay_ms` after that. So handshakes, slow start and
acknowledgements take the time that they take on a real wire; a relay of byte streams would answer them itself.

Run as a program it is that process: ``link.py MBIT_S DELAY_MS QUEUE_BYTES PID_A PID_B`` makes the devices, prints
``ready`` and goes on until its standard input closes.
"""

from __future__ import annotations

import fcntl
import os
import select
import struct
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

A, B = "10.77.0.1", "10.77.0.2"
HEADERS = 52
"""Bytes of IP and TCP headers with time stamps: what a wire's rate also carries."""

_TUNSETIFF = 0x400454CA
_IFF_TUN, _IFF_NO_PI = 0x0001, 0x1000


@dataclass(frozen=True)
class Wire:
    """Two ends. `a` and `b` are the words before a command that runs there."""

    a: tuple[str, ...]
    b: tuple[str, ...]


@contextmanager
def wire(mbit_s: float, delay_ms: float, queue: int | None = None) -> Iterator[Wire]:
    """Two namespaces and a wire between them; everything goes when the block ends.

    Parameters
    ----------
    mbit_s : float
        Mbit/s each way, headers included.
    delay_ms : float
        One way.
    queue : int
        Bytes that wait at each end; what comes when they are full is lost. By default what is on its way in a round
        trip, and 400 kB.
    """
    if queue is None:
        queue = 400_000 + int(mbit_s * 1e6 / 8 * 2 * delay_ms / 1e3)
    holders = [
        subprocess.Popen(["unshare", "-n", "cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) for _ in "ab"
    ]
    relay = None
    try:
        for holder in holders:
            _wait_for_namespace(holder.pid)
        pids = [str(holder.pid) for holder in holders]
        relay = subprocess.Popen(
            [sys.executable, "-I", __file__, str(mbit_s), str(delay_ms), str(queue), *pids],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert relay.stdout is not None
        assert relay.stdout.readline() == b"ready\n", "the wire did not come up"
        yield Wire(*(("nsenter", "-t", pid, "-n") for pid in pids))
    finally:
        for process in (relay, *holders):
            if process is not None:
                assert process.stdin is not None
                process.stdin.close()
                process.kill()
                process.wait(10)


def _wait_for_namespace(pid: int) -> None:
    ours = os.readlink("/proc/self/ns/net")
    for _ in range(500):
        if os.readlink(f"/proc/{pid}/ns/net") != ours:
            return
        time.sleep(0.01)
    raise TimeoutError("no network namespace after 5 s")


def _tun(name: str, pid: str, address: str) -> int:
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TUN | _IFF_NO_PI))
    # The device moves; the descriptor stays with us.
    _ip("link", "set", name, "netns", pid)
    inside = ("nsenter", "-t", pid, "-n")
    _ip("link", "set", "lo", "up", before=inside)
    _ip("addr", "add", f"{address}/24", "dev", name, before=inside)
    _ip("link", "set", name, "up", "mtu", "1500", "txqueuelen", "10000", before=inside)
    return device


def _ip(*words: str, before: tuple[str, ...] = ()) -> None:
    subprocess.run([*before, "ip", *words], check=True, stdout=subprocess.DEVNULL)


class _Direction:
    """Packets on their way from one end to the other."""

    def __init__(self, source: int, target: int, mbit_s: float, delay_ms: float, queue: int) -> None:
        self.source, self.target = source, target
        self._per_byte, self._delay, self._room = 8 / (mbit_s * 1e6), delay_ms / 1e3, queue
        self._free_at = 0.0
        self._under_way: deque[tuple[float, bytes]] = deque()

    def take(self, now: float) -> None:
        """Read what the kernel has; lose what finds the queue full."""
        for _ in range(64):
            try:
                packet = os.read(self.source, 2048)
            except BlockingIOError:
                return
            waits = max(self._free_at - now, 0.0)
            if waits / self._per_byte > self._room:
                continue
            self._free_at = now + waits + len(packet) * self._per_byte
            self._under_way.append((self._free_at + self._delay, packet))

    def deliver(self, now: float) -> float:
        """Write what has arrived; return when the next does."""
        while self._under_way and self._under_way[0][0] <= now:
            os.write(self.target, self._under_way.popleft()[1])
        return self._under_way[0][0] if self._under_way else float("inf")


def main(mbit_s: str, delay_ms: str, queue: str, *pids: str) -> None:
    """Be the wire until standard input closes."""
    ends = [_tun(f"llwire{n}", pid, address) for n, (pid, address) in enumerate(zip(pids, (A, B), strict=True))]
    ways = [
        _Direction(one, other, float(mbit_s), float(delay_ms), int(queue)) for one, other in (ends, ends[::-1])
    ]
    print("ready", flush=True)
    stdin = sys.stdin.fileno()
    while True:
        now = time.monotonic()
        following = min(way.deliver(now) for way in ways)
        wait = max(0.0, min(following - time.monotonic(), 1.0))
        readable, _, _ = select.select([stdin, *ends], [], [], wait)
        if stdin in readable and not os.read(stdin, 1):
            return
        now = time.monotonic()
        for way in ways:
            if way.source in readable:
                way.take(now)


if __name__ == "__main__":
    main(*sys.argv[1:])
