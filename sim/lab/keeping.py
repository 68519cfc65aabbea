"""A learner's record where there is no disk: in a browser, in the browser's own database.

    kernel of lesson 01 --save-->  |  IndexedDB "layerlab"  |  --Lab()--> kernel of lesson 02, or the next visit

Each kernel in a browser has files of its own, which end with it. So what is saved is also put into the database, joined
with what other kernels put there, and a new `Lab` takes it from there. A browser in which Python cannot wait for a
promise (WebAssembly's stack switching is missing) keeps nothing.
"""

from __future__ import annotations

import asyncio
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

from . import record
from .record import Record

_JS = """
(() => {
  const asked = (request) => new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  const store = async (mode) => {
    const opening = indexedDB.open("layerlab", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("record");
    return (await asked(opening)).transaction("record", mode).objectStore("record");
  };
  return {
    read: async () => (await asked((await store("readonly")).get("progress"))) ?? "",
    write: async (text) => { await asked((await store("readwrite")).put(text, "progress")); },
  };
})()
"""


@lru_cache
def _database() -> Any:
    from pyodide.code import run_js

    return run_js(_JS)


def restore(folder: Path) -> None:
    """In a browser, join what the database holds into the record of a folder; elsewhere do nothing."""
    if sys.platform != "emscripten":
        return
    from pyodide.ffi import can_run_sync, run_sync

    if can_run_sync() and (text := run_sync(_database().read())):
        record.write(folder, record.load(folder).joined(record.parsed(text, "the browser's database")))


def keep(held: Record) -> None:
    """In a browser, put a record into the database, soon; elsewhere do nothing."""
    if sys.platform == "emscripten":
        _running.add(task := asyncio.ensure_future(_put(held)))
        task.add_done_callback(_running.discard)


_running: set[asyncio.Future[None]] = set()
"""The loop itself keeps no task alive."""


async def _put(held: Record) -> None:
    text = await _database().read()
    known = record.parsed(text, "the browser's database") if text else Record()
    await _database().write(record.text(known.joined(held)))
