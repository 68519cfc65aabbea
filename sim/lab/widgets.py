"""Pictures that move: one step at a time, by slider, buttons or arrow keys, forward and back.

    +--------------------------------------------+
    |  the picture of step k, as an <img alt>    |     every step is a picture that could stand alone
    +--------------------------------------------+
    [Start again] [Step back] [Step] [To the end] [Play] [1×]  o-----|----  (arrow keys)
    2 of 3 layers asked                               said aloud by a screen reader

`Stepper` is plain Python: `goto`, `on` and `back` work without a notebook. Shown in one, it adds ipywidgets and
anywidget where they are installed; where they are not, or where no kernel answers (a code host, an untrusted
copy), the picture of the step stands there with its words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from ..errors import BadInput
from .svg import WIDE, Picture
from .text import t

Frame = Callable[[int], Sequence[Picture]]

# JupyterLab takes the arrow keys to move between cells, whatever has the focus in one, unless that says no.
KEYS = """
globalThis.layerlabKeys ||= document.addEventListener("focusin", ({ target }) => {
  if (target.matches(".jupyter-widgets :is(input, select)")) target.dataset.lmSuppressShortcuts = "true";
}) ?? true;
const layerlabLost = (model, el) => model.on("comm_live_update", () => {
  const note = document.createElement("p");
  note.setAttribute("role", "status");
  note.textContent = model.get("lost");
  el.querySelector("[role=status]")?.remove();
  el.append(note);
  Object.assign(el.style, {display: "flex", flexWrap: "wrap"});
  el.hidden = false;
});
"""
"""What every widget of ours begins with: keys, and a sentence where the kernel that would answer is gone."""
# ipywidgets' own sliders have no accessible name; this one is an <input> with a label.
_RANGE = KEYS + """
const PACE = 1500;
function render({ model, el }) {
  const make = (tag, fields) => Object.assign(document.createElement(tag), fields);
  const input = make("input", {type: "range", min: 0, max: model.get("max")});
  const button = make("button", {type: "button", className: "jupyter-button"});
  const speed = make("select", {});
  for (const times of [0.5, 1, 2, 4]) speed.append(make("option", {value: times, textContent: `${times}×`}));
  speed.value = 1;
  speed.setAttribute("aria-label", model.get("speed"));
  let timer = null, playing = false;
  const last = () => model.get("value") >= model.get("max");
  const move = (value) => { model.set("value", value); model.save_changes(); };
  const show = () => { input.value = model.get("value"); input.setAttribute("aria-valuetext", model.get("words")); };
  const turn = (on) => {
    clearTimeout(timer); playing = on;
    button.textContent = model.get(playing ? "pause" : "play");
  };
  input.setAttribute("aria-label", model.get("label"));
  Object.assign(el.style, {display: "flex", alignItems: "center", gap: "6px"});
  Object.assign(input.style, {flex: "1 1 100px", minWidth: "60px"});
  Object.assign(button.style, {flex: "none", width: "auto"});
  Object.assign(speed.style, {flex: "none", height: "28px"});
  input.addEventListener("input", () => { turn(false); move(Number(input.value)); });
  button.addEventListener("click", () => {
    turn(!playing);
    if (playing) move(last() ? 0 : model.get("value") + 1);
  });
  model.on("change:value", show);
  // The next step waits until the words of this one are there: a slow kernel slows the play, a dead one ends it.
  model.on("change:words", () => {
    show();
    if (playing && last()) turn(false);
    else if (playing) {
      clearTimeout(timer);
      timer = setTimeout(() => move(model.get("value") + 1), PACE / speed.value);
    }
  });
  model.on("change:max", () => { input.max = model.get("max"); show(); });
  el.append(button, speed, input); show(); turn(false);
  layerlabLost(model, el);
  return () => turn(false);
}
export default { render };
"""


class Stepper:
    """A row of pictures, one of which is shown.

    Parameters
    ----------
    frame : callable
        Returns the pictures of step k.
    last : int
        The number of the last step; the first is 0.
    at : int
        The step to begin with.
    label : str
        What the slider moves, for a screen reader.
    words : callable
        Says in words where step k is.
    lang : str
    """

    def __init__(
        self, frame: Frame, last: int, *, at: int = 0, label: str, words: Callable[[int], str], lang: str = "en"
    ) -> None:
        self._frame, self.last, self.label, self.words, self.lang = frame, last, label, words, lang
        self._made: dict[int, Sequence[Picture]] = {}
        self.k = at
        self._watchers: list[Callable[[], None]] = []

    @property
    def pictures(self) -> Sequence[Picture]:
        """The pictures of the step that is shown."""
        if self.k not in self._made:
            self._made[self.k] = self._frame(self.k)
        return self._made[self.k]

    def goto(self, k: int) -> Stepper:
        """Show step k, or the nearest there is."""
        k = min(max(k, 0), self.last)
        if k != self.k:
            self.k = k
            for tell in self._watchers:
                tell()
        return self

    def on(self) -> Stepper:
        """Show the next step."""
        return self.goto(self.k + 1)

    def back(self) -> Stepper:
        """Show the step before."""
        return self.goto(self.k - 1)

    def renew(self, last: int) -> Stepper:
        """Show step `last`, which is the last one now; its picture is made anew, those before it stay."""
        self._made = {k: pictures for k, pictures in self._made.items() if k < last}
        self.last = self.k = last
        for tell in self._watchers:
            tell()
        return self

    def watch(self, tell: Callable[[], None]) -> None:
        """Call `tell` whenever another step is shown."""
        self._watchers.append(tell)

    def widget(self) -> Any:
        """Return the ipywidgets box that shows and moves this; `ModuleNotFoundError` without ipywidgets."""
        return _box(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return bundle(self.pictures, self.widget)

    def __repr__(self) -> str:
        return "\n\n".join(picture.text for picture in self.pictures)


def bundle(pictures: Sequence[Any], widget: Callable[[], Any]) -> dict[str, Any]:
    """Return a widget's output together with the pictures that stand for it where no widget can be."""
    parts = [picture._repr_mimebundle_() for picture in pictures]
    data: dict[str, Any] = {
        "text/html": "".join(part["text/html"] for part in parts),
        "text/plain": "\n\n".join(part["text/plain"] for part in parts),
    }
    if available():
        shown = widget()._repr_mimebundle_()
        data |= {kind: value for kind, value in (shown or {}).items() if kind.startswith("application/")}
    return data


@lru_cache
def available() -> bool:
    """Whether ipywidgets and anywidget are installed."""
    from importlib.util import find_spec

    return find_spec("ipywidgets") is not None and find_spec("anywidget") is not None


@lru_cache
def _range_class() -> Any:
    import anywidget
    import traitlets

    class Range(anywidget.AnyWidget):
        """A slider with an accessible name, and a button that moves it step by step."""

        _esm = _RANGE
        value = traitlets.Int(0).tag(sync=True)
        max = traitlets.Int(1).tag(sync=True)
        label = traitlets.Unicode("").tag(sync=True)
        words = traitlets.Unicode("").tag(sync=True)
        play = traitlets.Unicode("").tag(sync=True)
        pause = traitlets.Unicode("").tag(sync=True)
        speed = traitlets.Unicode("").tag(sync=True)
        lost = traitlets.Unicode("").tag(sync=True)

    return Range


@lru_cache
def _keys_class() -> Any:
    import anywidget
    import traitlets

    class Keys(anywidget.AnyWidget):
        """Nothing to see while the kernel lives: it leaves the arrow keys to the controls beside it."""

        _esm = KEYS + "export default { render({ model, el }) { el.hidden = true; layerlabLost(model, el); } };"
        lost = traitlets.Unicode("").tag(sync=True)

    return Keys


def boxed(*children: Any, lang: str) -> Any:
    """Return a column of widgets whose controls get the arrow keys, and which says when its kernel is gone."""
    import ipywidgets

    return ipywidgets.VBox([*children, _keys_class()(lost=t("widget.lost", lang), layout={"display": "none"})])


def _box(stepper: Stepper) -> Any:
    import ipywidgets

    lang = stepper.lang
    view = ipywidgets.HTML()
    said = ipywidgets.HTML()
    slider = _range_class()(
        value=stepper.k, max=stepper.last, label=stepper.label, words=stepper.words(stepper.k),
        layout={"flex": "1 1 240px"}, lost=t("widget.lost", lang),
        **{name: t(f"stepper.{name}", lang) for name in ("play", "pause", "speed")},
    )
    moves: dict[str, Callable[[], object]] = {
        "restart": lambda: stepper.goto(0), "back": stepper.back, "on": stepper.on,
        "end": lambda: stepper.goto(stepper.last),
    }
    buttons = {
        name: ipywidgets.Button(description=t(f"stepper.{name}", lang), layout={"width": "auto"}) for name in moves
    }
    for name, move in moves.items():
        buttons[name].on_click(lambda _, move=move: move())
    slider.observe(lambda change: stepper.goto(change["new"]), "value")

    def show() -> None:
        view.value = "".join(picture.html() for picture in stepper.pictures)
        words = stepper.words(stepper.k)
        said.value = f'<p role="status" style="margin:4px 0">{words}</p>'
        with slider.hold_sync():
            slider.max, slider.words, slider.value = stepper.last, words, stepper.k
        # The focus would be lost if the button that was just pressed were disabled; so none ever is.

    stepper.watch(show)
    show()
    layout = {"flex_flow": "row wrap", "align_items": "center", "max_width": f"{WIDE}px"}
    bar = ipywidgets.HBox([*buttons.values(), slider], layout=layout)
    return ipywidgets.VBox([bar, said, view])


class Choose:
    """A stepper for each of several names, with a drop-down to choose between them.

    Parameters
    ----------
    steppers : dict, or callable that returns one
        By name. Where it is a callable, a button reads them again: what they show may have changed meanwhile.
    label : str
        What is chosen.
    lang : str
    """

    def __init__(
        self, steppers: dict[str, Stepper] | Callable[[], dict[str, Stepper]], *, label: str, lang: str = "en"
    ) -> None:
        self._read = steppers if callable(steppers) else None
        self.steppers = steppers() if callable(steppers) else steppers
        self.label, self.lang = label, lang
        self.name = next(iter(self.steppers))

    @property
    def stepper(self) -> Stepper:
        """The one that is shown."""
        return self.steppers[self.name]

    def choose(self, name: str) -> Choose:
        """Show another; `BadInput` where there is none of this name."""
        if name not in self.steppers:
            raise BadInput(t("stepper.no_name", self.lang, name=name), hint=", ".join(self.steppers))
        self.name = name
        return self

    def again(self) -> Choose:
        """Read them again; what was chosen stays so if it is still there."""
        if self._read is not None:
            self.steppers = self._read()
            self.name = self.name if self.name in self.steppers else next(iter(self.steppers))
        return self

    def widget(self) -> Any:
        """Return the ipywidgets box."""
        import ipywidgets

        menu = ipywidgets.Dropdown(
            options=list(self.steppers), value=self.name, description=self.label,
            style={"description_width": "initial"}, layout={"width": "max-content", "max_width": "100%"},
        )
        boxes = {self.name: self.stepper.widget()}
        place = ipywidgets.VBox([boxes[self.name]])

        def show() -> None:
            if self.name not in boxes:
                boxes[self.name] = self.stepper.widget()
            place.children = (boxes[self.name],)

        def change(event: Any) -> None:
            if event["new"] in self.steppers:
                self.choose(event["new"])
                show()

        def read(_: Any) -> None:
            boxes.clear()
            name = self.again().name
            menu.options = list(self.steppers)
            menu.value = name
            self.choose(name)
            show()

        menu.observe(change, "value")
        if self._read is None:
            return boxed(menu, place, lang=self.lang)
        button = ipywidgets.Button(description=t("stepper.again", self.lang), layout={"width": "auto"})
        button.on_click(read)
        return boxed(ipywidgets.HBox([menu, button], layout={"flex_flow": "row wrap"}), place, lang=self.lang)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return bundle(self.stepper.pictures, self.widget)

    def __repr__(self) -> str:
        return repr(self.stepper)
