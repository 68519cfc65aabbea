"""A machine in qemu (TCG: no KVM needed), and the moments at which words appear on its lines.

    serial line   GRUB, the kernel (earlyprintk) and the programs
    debug port    0x402: what SeaBIOS says to itself

Both are pipes that are read as they fill; a moment is that of the read, in milliseconds since qemu was started.
"""

from __future__ import annotations

import os
import selectors
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

QEMU = "qemu-system-x86_64"


@dataclass
class Seen:
    """What a machine printed: lines with their moments, in order, and when qemu ended.

    Attributes
    ----------
    lines : list of (ms, str)
        A line's moment is that of its end.
    ended_ms : float or None
        None where it had to be stopped.
    """

    lines: list[tuple[float, str]] = field(default_factory=list)
    ended_ms: float | None = None

    @property
    def text(self) -> str:
        """All lines."""
        return "\n".join(line for _, line in self.lines)

    def moment(self, words: str) -> float:
        """When a line with these words was complete."""
        for at, line in self.lines:
            if words in line:
                return at
        raise AssertionError(f"{words!r} was not seen; the last lines are:\n" + "\n".join(self.text.splitlines()[-25:]))


def boot(
    *options: str | Path, memory: int = 256, seconds: float = 90, until: str | None = None, answer: bytes = b"",
) -> Seen:
    """Boot a machine until it ends itself, or prints `until`, or the time is over.

    Parameters
    ----------
    options : str or Path
        Of qemu: disks, a kernel ...
    memory : int
        MiB.
    seconds : float
    until : str, optional
        Words at which it is stopped; a line without an end counts.
    answer : bytes
        What is typed on the serial line once `until` is seen; it is then waited for the machine's own end.
    """
    reader, writer = os.pipe()
    command = [QEMU, "-accel", "tcg", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-m", memory,
               "-chardev", "stdio,id=serial,signal=off", "-serial", "chardev:serial",
               "-chardev", f"file,id=bios,path=/dev/fd/{writer}", "-device", "isa-debugcon,iobase=0x402,chardev=bios",
               *options]
    began = time.monotonic()
    machine = subprocess.Popen(
        [str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        pass_fds=[writer],
    )
    os.close(writer)
    assert machine.stdin and machine.stdout and machine.stderr
    seen = Seen()
    try:
        with selectors.DefaultSelector() as waiting:
            for stream in (machine.stdout.fileno(), reader):
                waiting.register(stream, selectors.EVENT_READ, bytearray())
            _read(seen, waiting, machine, began, seconds, until, answer)
    finally:
        machine.kill()
        error = machine.stderr.read().decode("utf-8", "replace")
        machine.wait()
        for stream in (machine.stdin, machine.stdout, machine.stderr):
            stream.close()
        os.close(reader)
    if error.strip():
        raise AssertionError(f"qemu: {error}")
    return seen


def _read(
    seen: Seen, waiting: selectors.BaseSelector, machine: subprocess.Popen[bytes], began: float, seconds: float,
    until: str | None, answer: bytes,
) -> None:
    while waiting.get_map():
        left = began + seconds - time.monotonic()
        if left <= 0:
            return
        for key, _ in waiting.select(min(left, 1.0)):
            raw = os.read(key.fd, 1 << 16)
            at = (time.monotonic() - began) * 1000
            if not raw:
                waiting.unregister(key.fd)
                continue
            held: bytearray = key.data
            for piece in raw.splitlines(keepends=True):
                held += piece
                if held.endswith(b"\n"):
                    seen.lines.append((at, _text(held)))
                    held.clear()
            if until is not None and (until in _text(held) or any(until in line for _, line in seen.lines[-50:])):
                if not answer:
                    seen.lines.append((at, _text(held)))
                    return
                assert machine.stdin
                machine.stdin.write(answer)
                machine.stdin.flush()
                until = None
    machine.wait(max(0.1, began + seconds - time.monotonic()))
    seen.ended_ms = (time.monotonic() - began) * 1000


def _text(raw: bytes | bytearray) -> str:
    return raw.decode("utf-8", "replace").strip("\r\n")


def drive(path: Path) -> Sequence[str]:
    """Return the options of a disk that is written to a copy in memory, so that it stays as it is."""
    return ("-drive", f"file={path},format=raw,if=virtio,snapshot=on")
