"""What a cell says when it fails: one sentence that says what to do, not the way to where the error arose.

    an error of our own        its sentence
    a name that is not there   the cells above have not run, or not again since the kernel restarted
    a package that is missing  what brings it
    something of a wrong type  which call does not take it

A mistake in a learner's own code keeps Python's traceback. ``%tb`` shows the whole traceback in any case.
"""

from __future__ import annotations

from types import FrameType, TracebackType
from typing import Any

from ..errors import SimError
from .text import t
from .texts.errors import told

_MISUSE = (TypeError, AttributeError, ValueError, KeyError, IndexError)


def listen(shell: Any, lang: str = "en") -> None:
    """Let an IPython shell say in a sentence what went wrong in a cell."""

    def said(shell: Any, kind: type[BaseException], error: BaseException, trace: TracebackType, tb_offset: Any = None,
             ) -> list[str]:  # fmt: skip
        words = sentence(error, trace, shell.user_ns, lang)
        lines = [f"{kind.__name__}: {words}"]
        if words is None:
            lines = shell.InteractiveTB.structured_traceback(kind, error, trace, tb_offset=tb_offset)
        shell._showtraceback(kind, error, lines)
        return list(lines)

    shell.set_custom_exc((Exception,), said)


def sentence(error: BaseException, trace: TracebackType | None, cells: dict[str, Any], lang: str) -> str | None:
    """Return what to say of an error that ended a cell; None where Python's own traceback says it best.

    Parameters
    ----------
    trace : traceback
        From the cell on.
    cells : dict
        The names of the notebook: how frames of cells are told from others.
    """
    if isinstance(error, SimError):
        return told(error, lang)
    if isinstance(error, NameError) and error.name and _innermost(trace, cells):
        return t("failed.name", lang, name=error.name)
    call = _called(trace, cells)
    if isinstance(error, ModuleNotFoundError) and error.name:
        return t("failed.package", lang, name=error.name) if call or error.name == "sim" else None
    if call and isinstance(error, _MISUSE):
        return t("failed.misuse", lang, call=call, error=error)
    return None


def _frames(trace: TracebackType | None) -> list[FrameType]:
    found = []
    while trace is not None:
        found.append(trace.tb_frame)
        trace = trace.tb_next
    return found


def _innermost(trace: TracebackType | None, cells: dict[str, Any]) -> bool:
    frames = _frames(trace)
    return bool(frames) and frames[-1].f_globals is cells


def _called(trace: TracebackType | None, cells: dict[str, Any]) -> str:
    """Return our function that the last cell on the way to the error has called, "" for none."""
    frames = _frames(trace)
    last = max((n for n, frame in enumerate(frames) if frame.f_globals is cells), default=-1)
    inner = frames[last + 1:]
    if not inner or inner[0].f_globals.get("__name__", "").partition(".")[0] != "sim":
        return ""
    name, at = inner[0].f_code.co_name, inner[0].f_locals.get("self")
    owner = next((known for known, value in cells.items() if at is not None and value is at), "")
    return f"{owner}.{name}" if owner else name
