"""An instrument: turn the bandwidth, the delay and the way an image comes, and step through what then happens.

    bandwidth [100 Mbit/s]  delay [20 ms]  loss [0 %]  slots [3]  compression [gzip]  way [eager]
    [Start again] [Step back] [Step] [To the end] [Play]
    the timeline, up to the step's moment; with peers, the depths of the tree

The times are those of `registry.network`, until a container of the image serves. `Wire` is plain Python; the menus are
added where widgets can be shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from ..content.compression import Compression
from ..content.sizes import human_size
from ..errors import BadInput
from ..image.layer import Image
from ..image.samples import advertised_size
from ..registry.network.parties import DOCKER, Blob, Host, total
from ..registry.network.spans import Doing, Trace
from ..registry.network.strategies import Strategy, Work, start
from ..registry.network.tcp import Route, route
from .peers import Tree, handed_on, peers_picture
from .startups import seconds
from .svg import Picture
from .text import t
from .timelines import moment_words, moments_of, timeline_picture
from .widgets import Stepper, boxed

ZSTD_SHARE = 0.85
"""Of gzip's size: two layers of a real ubuntu with vim, zstd -3 beside gzip -6, take 0.85 and 0.86."""


class Way(StrEnum):
    """How an image's bytes come to hosts."""

    EAGER = "eager"
    PARALLEL = "parallel"
    LAZY = "lazy"
    PREFETCH = "prefetch"
    PEERS = "peers"


CHOICES: Mapping[str, tuple[Any, ...]] = MappingProxyType({
    "mbit_s": (10, 100, 1000, 10_000), "delay_ms": (0.2, 5, 20, 100), "loss": (0.0, 0.0001, 0.001, 0.01),
    "slots": (1, 2, 3, 6, 10), "compression": tuple(Compression), "way": tuple(Way),
})  # fmt: skip
"""What can be chosen: bandwidth in Mbit/s, delay in ms one way, share of packets lost, downloads at once, ..."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A position of the instrument's controls; see `CHOICES`."""

    mbit_s: float = 100
    delay_ms: float = 20
    loss: float = 0.0
    slots: int = 3
    compression: Compression = Compression.GZIP
    way: Way = Way.EAGER

    def turned(self, **controls: object) -> Setting:
        """Return it with some controls turned.

        Raises
        ------
        BadInput
            There is no such control, or no such position.

        Examples
        --------
        >>> Setting().turned(way="lazy", mbit_s=1000).way
        <Way.LAZY: 'lazy'>
        """
        for name, value in controls.items():
            if name not in CHOICES:
                raise BadInput(f"there is no control {name!r}", hint=", ".join(CHOICES))
            if isinstance(value, bool) or value not in CHOICES[name]:
                allowed = ", ".join(map(str, CHOICES[name]))
                raise BadInput(f"{name} cannot be {value!r}", hint=f"choose one of {allowed}")
        exact = {name: next(one for one in CHOICES[name] if one == value) for name, value in controls.items()}
        return replace(self, **exact)

    @property
    def route(self) -> Route:
        """The way to the registry, by TLS 1.3."""
        return route(self.mbit_s, self.delay_ms, loss=self.loss, tls=1)


def blobs_of(image: Image, compression: Compression = Compression.GZIP) -> tuple[Blob, ...]:
    """Return an image's layers as a registry would hold them, base first.

    A sample's gzip size is that of the real layer; zstd is reckoned as `ZSTD_SHARE` of it.
    """
    shares = {Compression.GZIP: 1.0, Compression.ZSTD: ZSTD_SHARE}
    return tuple(
        Blob(f"layer {number}",
             int(shares[compression] * advertised_size(layer)) if compression in shares else layer.tar_size,
             layer.tar_size, compression)
        for number, layer in enumerate(image.layers, 1)
    )


def served(setting: Setting, layers: Sequence[Blob]) -> Trace:
    """Simulate one host until its container serves."""
    host = Host(unpackers=4 if setting.way is Way.PARALLEL else 1)
    strategy = Strategy(setting.way) if setting.way in (Way.LAZY, Way.PREFETCH) else Strategy.EAGER
    return start(strategy, layers, setting.route, Work(), host=host, program=replace(DOCKER, downloads=setting.slots))


class Wire(Stepper):
    """The instrument.

    Parameters
    ----------
    image : Image
    setting : Setting
    lang : str
    projector : bool
    """

    def __init__(self, image: Image, setting: Setting, *, lang: str = "en", projector: bool = False) -> None:
        self.image, self.projector = image, projector
        super().__init__(self._drawn, 1, label=t("wire.label", lang), words=self._said, lang=lang)
        self._show(setting)

    def turn(self, **controls: object) -> Wire:
        """Turn some controls, and go to the end of what then happens: ``wire.turn(mbit_s=1000, way="lazy")``."""
        self._show(self.setting.turned(**controls))
        for tell in self._watchers:
            tell()
        return self

    def _show(self, setting: Setting) -> None:
        self.setting = setting
        self.layers = blobs_of(self.image, setting.compression)
        self._happened: Trace | Tree
        if setting.way is Way.PEERS:
            self._happened = handed_on(setting.mbit_s, setting.delay_ms, self.layers)
            self.last = len(self._happened.arrivals)
        else:
            self._happened = served(setting, self.layers)
            self.last = len(moments_of(self._happened)) - 1
        self._made.clear()
        self.k = self.last

    def _drawn(self, k: int) -> list[Picture]:
        trace = self._happened
        if isinstance(trace, Tree):
            return [peers_picture(trace, k, lang=self.lang, projector=self.projector)]
        words = t("wire.words", self.lang, total=seconds(trace.total_ms, 1), moved=human_size(int(trace.moved)),
                  all=human_size(total(self.layers)), trips=trace.round_trips,
                  unpack=seconds(trace.busy_ms(Doing.EXTRACT), 1), way=t(f"wire.{self.setting.way}", self.lang))
        return [timeline_picture(trace, self.layers, now_ms=moments_of(trace)[k], title=self._title(), words=words,
                                 lang=self.lang, projector=self.projector)]  # fmt: skip

    def _title(self) -> str:
        setting = self.setting
        return t("wire.title", self.lang, way=t(f"wire.{setting.way}", self.lang), mbit_s=f"{setting.mbit_s:,}",
                 delay_ms=setting.delay_ms)

    def _said(self, k: int) -> str:
        trace = self._happened
        if isinstance(trace, Tree):
            return t("wire.depth", self.lang, k=k, n=self.last)
        if k == self.last:
            return t("wire.end", self.lang, total=seconds(trace.total_ms, 1))
        return moment_words(trace, self.layers, (), moments_of(trace)[k], self.lang)

    def widget(self) -> Any:
        """Return the menus above the stepper's own box."""
        import ipywidgets

        def menu(name: str) -> Any:
            options = [(_position(name, value, self.lang), value) for value in CHOICES[name]]
            made = ipywidgets.Dropdown(
                options=options, value=getattr(self.setting, name), description=t(f"wire.{name}", self.lang),
                style={"description_width": "initial"}, layout={"width": "max-content"},
            )
            made.observe(lambda change: self.turn(**{name: change["new"]}), "value")
            return made

        menus = {name: menu(name) for name in CHOICES}
        reset = ipywidgets.Button(description=t("wire.reset", self.lang), layout={"width": "auto"})

        def to_start(_: Any) -> None:
            for name, one in menus.items():
                one.value = getattr(Setting(), name)

        reset.on_click(to_start)
        controls = ipywidgets.HBox([*menus.values(), reset], layout={"flex_flow": "row wrap"})
        return boxed(controls, super().widget(), lang=self.lang)


def _position(name: str, value: Any, lang: str) -> str:
    """Return a control's position in words."""
    if name in ("way", "compression"):
        return t(f"wire.{value}", lang)
    if name == "loss":
        return f"{100 * value:g} %"
    return {"mbit_s": f"{value:,} Mbit/s", "delay_ms": f"{value} ms"}.get(name, str(value))
