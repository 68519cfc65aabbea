"""One request after another on a connection, each from its head to the end of its answer.

    head --> gate --> begin --> Answer ------------------------> response --> client
                            \\-> Take: body --> intake --> finish --^

Whatever happens to a body, its intake is closed and finished: bytes that arrived before a connection broke count, and
the session is free again. No fault of ours reaches a client but as an error body; its words go to the log.
"""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from ..errors import BlobMissing, DigestMismatch
from .codes import Code, refuse
from .connection import Connection, Gone
from .gate import OpenGate
from .http1 import HttpRefused, Message, parse_head, response_head
from .messages import Part, Response, answer
from .plan import Answer, Into, Take
from .service import Service, lost
from .shelf import Shelf, Source


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, for a log.

    Attributes
    ----------
    client : str
        Its address.
    request : str
        Method and target; ``-`` where no head could be read.
    status : int
        0 where no answer could be given.
    received, sent : int
        Bytes of the two bodies.
    began : float
        Seconds since 1970, when the head had arrived; exchanges are told when they end, which is another order.
    seconds : float
        From then to the end of the answer.
    reason : str
        Why this answer.
    """

    client: str
    request: str
    status: int
    received: int = 0
    sent: int = 0
    began: float = 0.0
    seconds: float = 0.0
    reason: str = ""


Log = Callable[[Exchange], None]
"""Called from many threads."""


class Exchanges:
    """Answers requests.

    Parameters
    ----------
    service : Service
    gate : OpenGate
    scheme, address : str
        The server's, for a client that names no host.
    log : callable
    """

    def __init__(self, service: Service, gate: OpenGate, scheme: str, address: str, log: Log) -> None:
        self._service, self._gate = service, gate
        self._scheme, self._address = scheme, address
        self._log = log
        self._shelf = Shelf(service.storage.store)

    def next(
        self, client: str, connection: Connection, *, begun: Callable[[], None], last: Callable[[], bool]
    ) -> bool:
        """Answer one request; tell whether another can follow on this connection.

        Parameters
        ----------
        client : str
            Its address, for the log.
        connection : Connection
        begun : callable
            Called when a whole head has arrived.
        last : callable
            Tells whether the connection has to end after this answer.
        """
        began, start, request = time.time(), time.monotonic(), "-"
        try:
            raw = connection.read_head()
            if raw is None:
                return False
            began, start = time.time(), time.monotonic()
            begun()
            message = parse_head(raw)
            request = f"{message.head.method} {message.head.target}"
            connection.expect_body(message)
            response = self._answer(connection, message)
            keep = message.keep and connection.body_is_read() and not last()
            response, sent, keep = self._send(connection, response, keep)
        except Gone as gone:
            response, sent, keep = Response(0, reason=str(gone)), 0, False
        except HttpRefused as refused:
            response, sent, keep = self._refuse(connection, refused)
        seconds = time.monotonic() - start
        moved = (connection.received, sent)
        self._log(Exchange(client, request, response.status, *moved, began, seconds, response.reason))
        return keep

    def _answer(self, connection: Connection, message: Message) -> Response:
        head = message.head
        try:
            token = self._gate.token(head)
            if token is not None:
                return token
            plan = self._service.begin(head, self._gate.caller(head))
            response = plan.response if isinstance(plan, Answer) else self._taken(connection, plan)
        except (Gone, HttpRefused):
            raise
        except Exception as error:
            return refuse(Code.UNKNOWN, fault(error))
        return self._gate.completed(response, self._scheme, head.header("Host") or self._address)

    def _taken(self, connection: Connection, plan: Take) -> Response:
        intake = self._service.open(plan)
        if isinstance(intake, Response):
            return intake
        complete = False
        try:
            # A body that is not needed is not read either.
            for view in connection.body() if plan.into is not Into.NOTHING else ():
                intake.write(view)
                if intake.trouble is not None:
                    break
            complete = True
        finally:
            response = self._service.finish(intake.close(complete))
        return response

    def _refuse(self, connection: Connection, refused: HttpRefused) -> tuple[Response, int, bool]:
        words = f"{refused.status} {refused.words}\n".encode("ascii", "replace")
        response = answer(refused.status, refused.words, ("Content-Type", "text/plain; charset=utf-8"), body=words)
        with suppress(Gone):
            return self._send(connection, response, keep=False)
        return response, 0, False

    def _send(self, connection: Connection, response: Response, keep: bool) -> tuple[Response, int, bool]:
        """Send an answer; return the one sent, the bytes of its body, and whether the connection can stay."""
        part = response.body
        if isinstance(part, bytes):
            connection.send(self._head(response, keep), part)
            return response, len(part), keep
        try:
            source = self._shelf.take(part)
        except BlobMissing:
            return self._send(connection, lost(part.digest), keep)
        except (DigestMismatch, OSError) as error:
            return self._send(connection, refuse(Code.UNKNOWN, f"the stored bytes cannot be sent: {error}"), keep)
        sent = self._send_part(connection, self._head(response, keep), part, source)
        # Where too little was there, only the end of the connection can still tell the client.
        return response, sent, keep and sent == part.length

    @staticmethod
    def _send_part(connection: Connection, head: bytes, part: Part, source: Source) -> int:
        if source.data is not None:
            connection.send(head, source.data)
            return len(source.data)
        connection.send(head)
        if source.file is None:
            return connection.send_chunks(source.chunks or iter(()))
        with source.file as file:
            return connection.send_file(file, part.offset, part.length)

    @staticmethod
    def _head(response: Response, keep: bool) -> bytes:
        return response_head(response, now=time.time(), keep=keep)


def fault(error: BaseException) -> str:
    """Return words for a fault of ours; LAYERLAB_DEBUG=1 shows on standard error where it is."""
    if os.environ.get("LAYERLAB_DEBUG"):
        traceback.print_exception(error, file=sys.stderr)
    return f"a fault of the program: {type(error).__name__}: {error}"
