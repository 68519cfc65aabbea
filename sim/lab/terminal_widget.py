"""The simulated terminal to type into: what it prints, and under it the picture of what the last line changed.

    +----------------------------------------+
    | [root@cyo57 ~]# docker pull alpine     |   a log, said aloud by a screen reader as it grows
    | ...                                    |
    +----------------------------------------+
    [root@cyo57 ~]#  |                       |   Enter runs; arrows bring earlier lines back
    [Run] [Undo] [Redo]                          with an empty line Ctrl+Z undoes, Ctrl+Y redoes
    +----------------------------------------+
    |  the world's picture                   |
    +----------------------------------------+

`TerminalWidget` is plain Python: `enter`, `undo` and `redo` work without a notebook; where widgets are missing its
text and picture stand there.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any

from ..errors import SimError
from .prompts import Words
from .svg import WIDE, Picture
from .text import t
from .widgets import KEYS, bundle

if TYPE_CHECKING:
    from .worlds import Worlds

KEPT = 20_000
"""Characters of the output that stay on the screen."""

_ESM = KEYS + """
const STYLE = {fontFamily: "var(--jp-code-font-family, monospace)", fontSize: "14px"};
function render({ model, el }) {
  const make = (tag, fields, style) => {
    const made = Object.assign(document.createElement(tag), fields);
    Object.assign(made.style, style);
    return made;
  };
  const log = make("pre", {tabIndex: 0}, {...STYLE, margin: 0, padding: "8px", height: "240px", overflow: "auto",
    whiteSpace: "pre-wrap", overflowWrap: "anywhere", border: "1px solid #7a828c", borderRadius: "4px",
    color: "var(--jp-content-font-color0, #1b1f24)", background: "var(--jp-layout-color1, #fff)"});
  log.setAttribute("role", "log");
  log.setAttribute("aria-label", model.get("output"));
  const prompt = make("span", {}, {...STYLE, whiteSpace: "pre"});
  const input = make("textarea", {rows: 1, spellcheck: false, autocapitalize: "off"}, {...STYLE, flex: "1 1 200px",
    minWidth: "120px", resize: "vertical", padding: "4px", boxSizing: "border-box"});
  input.setAttribute("aria-label", model.get("label"));
  // JupyterLab takes keys for itself, whatever has the focus in a cell, unless that says no.
  input.dataset.lmSuppressShortcuts = log.dataset.lmSuppressShortcuts = "true";
  const row = make("div", {}, {display: "flex", flexWrap: "wrap", alignItems: "center", gap: "6px", margin: "6px 0"});
  const help = make("div", {textContent: model.get("help")}, {fontSize: "13px"});
  let at = null;
  const ask = (what, line) => model.send({what, line: line ?? ""});
  const run = () => { const line = input.value; input.value = ""; at = null; size(); ask("run", line); };
  const size = () => {
    input.style.height = "auto";
    if (input.scrollHeight) input.style.height = `${Math.min(input.scrollHeight + 2, 240)}px`;
  };
  const recall = (by) => {
    const lines = model.get("lines");
    at = Math.max(0, Math.min(lines.length, (at ?? lines.length) + by));
    input.value = lines[at] ?? "";
    size();
  };
  const show = () => {
    log.textContent = model.get("screen");
    log.scrollTop = log.scrollHeight;
    prompt.textContent = model.get("prompt");
  };
  input.addEventListener("input", size);
  input.addEventListener("keydown", (event) => {
    const one = !input.value.includes("\\n"), control = event.ctrlKey || event.metaKey, empty = !input.value;
    const key = event.key.toLowerCase();
    const does = event.isComposing ? null
      : key === "enter" && !event.shiftKey ? run
      : key === "arrowup" && one ? () => recall(-1)
      : key === "arrowdown" && one ? () => recall(1)
      : control && empty && key === "z" && !event.shiftKey ? () => ask("undo")
      : control && empty && (key === "y" || key === "z") ? () => ask("redo")
      : null;
    if (does) { event.preventDefault(); event.stopPropagation(); does(); }
  });
  row.append(prompt, input);
  for (const [name, act] of [["run", run], ["undo", () => ask("undo")], ["redo", () => ask("redo")]]) {
    const button = make("button", {type: "button", className: "jupyter-button", textContent: model.get("words")[name]},
      {width: "auto", flex: "none"});
    button.addEventListener("click", () => { act(); input.focus(); });
    row.append(button);
  }
  model.on("change:screen", show);
  model.on("change:prompt", show);
  el.append(log, row, help);
  show();
  layerlabLost(model, help);
}
export default { render };
"""


class TerminalWidget:
    """A terminal of a lab's world.

    Parameters
    ----------
    lab : Worlds
        Whose terminal it is: what is typed here is there too.

    Attributes
    ----------
    screen : str
        What was printed since it was made.
    """

    def __init__(self, lab: Worlds) -> None:
        self._lab = lab
        self.screen = ""
        self._watchers: list[Callable[[], None]] = []

    @property
    def prompt(self) -> str:
        """The prompt that is shown."""
        return self._lab.terminal.prompt

    @property
    def picture(self) -> Picture:
        """The world, and what the last line changed."""
        return self._lab.show()

    @property
    def lines(self) -> list[str]:
        """The lines that were typed, oldest first."""
        return [line for line in self._lab.terminal.history.commands if line]

    def enter(self, text: str) -> TerminalWidget:
        """Run a line; several lines are a script, as in a cell with ``%%terminal``."""
        if not text.strip():
            return self._grown(f"{self.prompt}\n")
        try:
            self._grown(self._lab.typed(text))
        except SimError as error:
            self._grown(f"{self.prompt}{text.splitlines()[0]}\n# {error}\n")
        return self

    def undo(self) -> TerminalWidget:
        """Take the last line back."""
        return self._grown(f"# {self._lab.undo()!r}\n")

    def redo(self) -> TerminalWidget:
        """Do again what was taken back."""
        return self._grown(f"# {self._lab.redo()!r}\n")

    def _grown(self, text: str) -> TerminalWidget:
        self.screen = (self.screen + text)[-KEPT:]
        for tell in self._watchers:
            tell()
        return self

    def watch(self, tell: Callable[[], None]) -> None:
        """Call `tell` whenever something was printed."""
        self._watchers.append(tell)

    def widget(self) -> Any:
        """Return the box to type into; `ModuleNotFoundError` without ipywidgets and anywidget."""
        import ipywidgets

        view = ipywidgets.HTML(self.picture.html())
        box = _class()(
            screen=self.screen, prompt=self.prompt, lines=self.lines, layout={"width": "100%"},
            **{name: t(f"term.{name}", self._lab.lang) for name in ("label", "output", "help")},
            words={name: t(f"term.{name}", self._lab.lang) for name in ("run", "undo", "redo")},
            lost=t("widget.lost", self._lab.lang),
        )

        def asked(_: Any, message: Any, __: Any) -> None:
            what, line = (message.get("what"), message.get("line")) if isinstance(message, dict) else (None, None)
            if what in ("undo", "redo"):
                self.undo() if what == "undo" else self.redo()
            elif what == "run" and isinstance(line, str):
                self.enter(line)

        def show() -> None:
            with box.hold_sync():
                box.lines, box.prompt, box.screen = self.lines, self.prompt, self.screen
            view.value = self.picture.html()

        box.on_msg(asked)
        self.watch(show)
        return ipywidgets.VBox([box, view], layout={"max_width": f"{WIDE}px"})

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        said = f"{self.screen}{self.prompt}\n"
        hint = t("term.text", self._lab.lang)
        words = Words(f"<pre>{escape(said)}</pre><p>{escape(hint)}</p>", f"{said}{hint}")
        return bundle([words, self.picture], self.widget)

    def __repr__(self) -> str:
        return f"{self.screen}{self.prompt}"


@lru_cache
def _class() -> Any:
    import anywidget
    import traitlets

    class Screen(anywidget.AnyWidget):
        """A log, a line to type on, and three buttons."""

        _esm = _ESM
        screen = traitlets.Unicode("").tag(sync=True)
        prompt = traitlets.Unicode("").tag(sync=True)
        lines = traitlets.List(traitlets.Unicode()).tag(sync=True)
        label = traitlets.Unicode("").tag(sync=True)
        output = traitlets.Unicode("").tag(sync=True)
        help = traitlets.Unicode("").tag(sync=True)
        words = traitlets.Dict().tag(sync=True)
        lost = traitlets.Unicode("").tag(sync=True)

    return Screen
