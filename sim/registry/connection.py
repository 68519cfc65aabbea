"""One client's connection: heads and bodies in, answers out; every wait has an end.

    wait for a head      `idle_s` for its first byte, then `head_s` for all of it: a byte now and then does not help
    read a body          `stall_s` for each `STALL_BYTES`, however they come
    send an answer       `stall_s` for each piece that the client takes
    close                what the client still sends is thrown away for a moment, so that it gets to read the answer

A body is read into one buffer and passed on as views of it, so a blob of any size takes the memory of the buffer. A
file is sent by the kernel where it can do that (`os.sendfile`), from the page cache to the socket.
"""

from __future__ import annotations

import os
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import FileIO

from .http1 import CONTINUE, END_OF_HEAD, MAX_HEAD, ChunkReader, HttpRefused, Message

BUFFER = 256 << 10
STALL_BYTES = 1 << 10
_DRAINED = 1 << 20
_LINGER_S = 1.0
_TLS_HELLO = 0x16


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a client is waited for, in seconds."""

    idle_s: float = 75.0
    head_s: float = 15.0
    stall_s: float = 60.0


class Gone(Exception):
    """The client has gone, or has kept us waiting for too long. Its words are for the log."""


class Connection:
    """A connected socket that speaks HTTP/1.1.

    Parameters
    ----------
    sock : socket or TLS socket
        Connected, handshake done.
    patience : Patience
    """

    def __init__(self, sock: socket.socket, patience: Patience) -> None:
        self.sock = sock
        self.patience = patience
        self._ahead = b""
        #: Bytes of the present body that have arrived.
        self.received = 0
        self._left: int | None = 0
        self._told_to_continue = True

    def read_head(self) -> bytes | None:
        """Return the bytes of the next head; None where the client ends the connection, or sends nothing for long.

        Raises
        ------
        HttpRefused, Gone
            The head is too large, comes too slowly, or is none.
        """
        until = time.monotonic() + self.patience.idle_s
        held, seen = self._ahead.lstrip(b"\r\n"), 0
        started = bool(held)
        while True:
            end = held.find(END_OF_HEAD, seen)
            if 0 <= end <= MAX_HEAD:
                self._ahead = held[end + len(END_OF_HEAD) :]
                return held[:end]
            if len(held) > MAX_HEAD:
                raise HttpRefused(431, f"a head of more than {MAX_HEAD} bytes")
            if held and not held[:1].isalpha():
                raise HttpRefused(400, _odd_start(held))
            if held and not started:
                started, until = True, time.monotonic() + self.patience.head_s
            seen = max(0, len(held) - 3)
            arrived = self._receive(until)
            if not arrived:
                if started and arrived is None:
                    raise HttpRefused(408, f"no whole head within {self.patience.head_s:g} seconds")
                return None
            held = (held + arrived).lstrip(b"\r\n") if not held else held + arrived

    def _receive(self, until: float) -> bytes | None:
        left = until - time.monotonic()
        if left <= 0:
            return None
        self.sock.settimeout(left)
        try:
            return self.sock.recv(MAX_HEAD)
        except TimeoutError:
            return None
        except OSError:
            return b""

    def expect_body(self, message: Message) -> None:
        """Get ready for the body of a request whose head was read; nothing is read yet."""
        self.received = 0
        self._left = message.length
        self._told_to_continue = not message.expects

    def body(self) -> Iterator[memoryview]:
        """Yield the body as it arrives; a view is good until the next is asked for.

        Raises
        ------
        Gone
            The connection broke, or the client stalled.
        HttpRefused
            Its framing is malformed.
        """
        if self._left != 0 and not self._told_to_continue:
            self._told_to_continue = True
            if not self._ahead:
                self._send(CONTINUE)
        for view in self._chunks() if self._left is None else self._counted():
            self.received += len(view)
            yield view

    def _counted(self) -> Iterator[memoryview]:
        assert self._left is not None
        if self._ahead and self._left:
            part, self._ahead = self._ahead[: self._left], self._ahead[self._left :]
            self._left -= len(part)
            yield memoryview(part)
        if not self._left:
            return
        buffer, watch = memoryview(bytearray(min(BUFFER, self._left))), _Watch(self.patience.stall_s)
        while self._left:
            count = self._receive_into(buffer[: self._left], watch)
            self._left -= count
            yield buffer[:count]

    def _chunks(self) -> Iterator[memoryview]:
        reader, watch = ChunkReader(), _Watch(self.patience.stall_s)
        first, self._ahead = self._ahead, b""
        yield from reader.feed(memoryview(first))
        buffer = memoryview(b"") if reader.done else memoryview(bytearray(BUFFER))
        while not reader.done:
            count = self._receive_into(buffer, watch)
            yield from reader.feed(buffer[:count])
        self._ahead, self._left = reader.rest, 0

    def _receive_into(self, buffer: memoryview, watch: _Watch) -> int:
        self.sock.settimeout(watch.left())
        try:
            count = self.sock.recv_into(buffer)
        except TimeoutError:
            raise Gone(f"the client sent too little for {self.patience.stall_s:g} seconds") from None
        except OSError as error:
            raise Gone("the client broke the connection") from error
        if not count:
            raise Gone("the client ended the connection in the middle of a body")
        watch.saw(count)
        return count

    def body_is_read(self) -> bool:
        """Read a short rest of a body that nobody wants; tell whether the next request can follow it.

        A client that waits to be told to continue has not sent it, and may not send it: that connection has to end.
        """
        if self._left == 0:
            return True
        if not self._told_to_continue or self._left is None or self._left > _DRAINED:
            return False
        for _ in self.body():
            pass
        return True

    def send(self, head: bytes, body: bytes = b"") -> None:
        """Send a head, and a small body with it; `Gone` where the client does not take it."""
        self._send(head + body)

    def _send(self, data: bytes | memoryview) -> None:
        self.sock.settimeout(self.patience.stall_s)
        try:
            self.sock.sendall(data)
        except OSError as error:
            raise Gone("the client does not take the answer") from error

    def send_chunks(self, chunks: Iterator[bytes | memoryview]) -> int:
        """Send bytes as they come; return how many."""
        sent = 0
        for chunk in chunks:
            self._send(chunk)
            sent += len(chunk)
        return sent

    def send_file(self, file: FileIO, offset: int, length: int) -> int:
        """Send a part of a file; return how many bytes of it there were."""
        if isinstance(self.sock, ssl.SSLSocket) or not hasattr(os, "sendfile"):
            return self.send_chunks(_pieces(file, offset, length))
        self.sock.settimeout(self.patience.stall_s)
        try:
            return self.sock.sendfile(file, offset, length)
        except OSError as error:
            raise Gone("the client does not take the answer") from error

    def close(self) -> None:
        """End the connection so that an answer already sent is read: one that closes on unread bytes is reset."""
        with suppress(OSError):
            self.sock.shutdown(socket.SHUT_WR)
            self._linger()
        with suppress(OSError):
            self.sock.close()

    def _linger(self) -> None:
        until, sink = time.monotonic() + _LINGER_S, bytearray(BUFFER if self._left != 0 else 1 << 10)
        while (left := until - time.monotonic()) > 0:
            self.sock.settimeout(left)
            if not self.sock.recv_into(sink):
                return


class _Watch:
    """Time for the next `STALL_BYTES` bytes."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until = time.monotonic() + seconds
        self._count = 0

    def left(self) -> float:
        return max(0.001, self._until - time.monotonic())

    def saw(self, count: int) -> None:
        self._count += count
        if self._count >= STALL_BYTES:
            self._count = 0
            self._until = time.monotonic() + self._seconds


def _pieces(file: FileIO, offset: int, length: int) -> Iterator[memoryview]:
    buffer = memoryview(bytearray(min(BUFFER, max(1, length))))
    file.seek(offset)
    while length and (count := file.readinto(buffer[:length])):
        length -= count
        yield buffer[:count]


def _odd_start(held: bytes) -> str:
    return "this is a TLS client, and a port without TLS" if held[0] == _TLS_HELLO else "this is no HTTP request"
