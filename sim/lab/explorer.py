"""The copy-up explorer: choose a path and what is done to it, and see what the container's layer gets.

    Path [/etc/passwd v]  Do [append a byte v]  [Do it]     an operation more; what was stepped back over is dropped
    [Start again] [Step back] [Step] ...                    the operations so far, as a `Stepper`

`Explorer` is plain Python: `do` does what the button does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..union.overlay import OverlayMount, Report
from .mounts import Step, columns, run
from .svg import Picture
from .text import t
from .view import MAX_COLUMNS
from .widgets import Stepper, boxed, bundle

ACTIONS: dict[str, Callable[[str], Step]] = {
    "cat": lambda path: ("cat", path),
    "append": lambda path: ("append", path, b"x"),
    "put": lambda path: ("put", path, b"new"),
    "chmod": lambda path: ("chmod", path, 0o700),
    "rename": lambda path: ("rename", path, f"{path}.old"),
    "unlink": lambda path: ("unlink", path),
    "rmdir": lambda path: ("rmdir", path),
    "mkdir": lambda path: ("mkdir", path),
}
"""What the menu offers, by operation of `OverlayMount`."""

Draw = Callable[[OverlayMount, Report | None, Sequence[str]], Picture]


class Explorer:
    """A container whose next operation the learner chooses.

    Parameters
    ----------
    container : OverlayMount
        What it starts from.
    draw : callable
        Returns the picture of a mount and the operation that led to it, with columns for some paths.
    steps : sequence of tuple
        Operations that are done already.
    paths : sequence of str
        What the menu offers; by default what `steps` are about.
    at : int
        After how many operations to begin.
    """

    def __init__(
        self, container: OverlayMount, draw: Draw, steps: Sequence[Step] = (), paths: Sequence[str] = (), *,
        at: int = 0, lang: str = "en",
    ) -> None:
        self._start, self._draw, self.lang = container, draw, lang
        self.reports = run(container, steps)
        self.paths = tuple(paths) or tuple(columns(self.reports))
        self.stepper = Stepper(
            self._frame, len(self.reports), at=min(at, len(self.reports)), label=t("mount.label", lang),
            words=lambda k: t("mount.at", lang, k=k, n=len(self.reports)), lang=lang,
        )

    @property
    def container(self) -> OverlayMount:
        """The container after the operations that are shown."""
        return self.reports[self.stepper.k - 1].after if self.stepper.k else self._start

    def do(self, op: str, *arguments: object) -> Explorer:
        """Do one operation more; those that were stepped back over are dropped.

        Parameters
        ----------
        op : str
            A method of `OverlayMount`, such as ``"chmod"``.
        *arguments : object
            The path, and whatever else it takes; one that the menu offers needs the path alone.

        Raises
        ------
        BadInput
            It is no operation of a mount.
        """
        given = ACTIONS[op](str(arguments[0])) if op in ACTIONS and len(arguments) == 1 else (op, *arguments)
        k = self.stepper.k
        self.reports = (*self.reports[:k], *run(self.container, [given]))
        self.stepper.renew(k + 1)
        return self

    def back(self) -> Explorer:
        """Show the operation before."""
        self.stepper.back()
        return self

    def on(self) -> Explorer:
        """Show the next operation, as long as there is one."""
        self.stepper.on()
        return self

    def _frame(self, k: int) -> list[Picture]:
        shown = list(dict.fromkeys((*columns(self.reports[k - 1: k]), *self.paths)))[:MAX_COLUMNS]
        order = [path for path in self.paths if path in shown]
        order += [path for path in shown if path not in order]
        return [self._draw(self.reports[k - 1].after if k else self._start, self.reports[k - 1] if k else None, order)]

    def widget(self) -> Any:
        """Return the ipywidgets box; `ModuleNotFoundError` without ipywidgets."""
        import ipywidgets

        def menu(key: str, options: Sequence[Any]) -> Any:
            return ipywidgets.Dropdown(
                options=options, description=t(key, self.lang), style={"description_width": "initial"},
                layout={"width": "max-content", "max_width": "100%"},
            )

        path = menu("stepper.path", list(self.paths))
        action = menu("explore.do", [(t(f"explore.{name}", self.lang), name) for name in ACTIONS])
        button = ipywidgets.Button(description=t("explore.go", self.lang), layout={"width": "auto"})
        button.on_click(lambda _: self.do(action.value, path.value))
        row = ipywidgets.HBox([path, action, button], layout={"flex_flow": "row wrap", "align_items": "center"})
        return boxed(row, self.stepper.widget(), lang=self.lang)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return bundle(self.stepper.pictures, self.widget)

    def __repr__(self) -> str:
        return repr(self.stepper)
