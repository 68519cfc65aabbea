"""The files of upload sessions.

    uploads/<id>.json     the session's repository, and when it began
    uploads/<id>.data     the bytes that have arrived: their number is the session's offset

The first is made after the second, so that a session without it is none: one that a kill left half made, a blob that
came in one request alone, or a manifest on its way. Those are removed when the folder is read.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ..content.descriptor import Fields, parse_json
from ..errors import BadInput
from .changes import Upload

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_MAX_BYTES = 4096


class SessionFiles:
    """The files of the sessions in one folder, which holds nothing else."""

    def __init__(self, folder: Path) -> None:
        self._prefix = os.path.join(folder, "")

    def data(self, id: str) -> str:
        """Return the file of a session's bytes."""
        return f"{self._prefix}{id}.data"

    def start(self, upload: Upload) -> None:
        """Make the files of a session."""
        open(self.data(upload.id), "xb").close()
        document = {"repository": upload.repository, "started": upload.started}
        with open(self._about(upload.id), "x", encoding="ascii") as file:
            json.dump(document, file)

    def remove(self, id: str) -> None:
        """Remove the files of a session, whichever are there."""
        for name in (self._about(id), self.data(id)):
            with suppress(FileNotFoundError):
                os.unlink(name)

    def found(self) -> Iterator[Upload]:
        """Yield the open sessions; remove what belongs to none."""
        for name in sorted({name.partition(".")[0] for name in os.listdir(self._prefix)}):
            upload = self._read(name) if _ID.fullmatch(name) else None
            if upload is None:
                self.remove(name)
            else:
                yield upload

    def _about(self, id: str) -> str:
        return f"{self._prefix}{id}.json"

    def _read(self, id: str) -> Upload | None:
        try:
            raw = Path(self._about(id)).read_bytes()
            at = Fields(parse_json(raw, where=id, max_bytes=_MAX_BYTES), id, "session")
            return Upload(id, at.text("repository"), float(at.value["started"]), os.stat(self.data(id)).st_size)
        except (OSError, BadInput, KeyError, TypeError, ValueError):
            return None
