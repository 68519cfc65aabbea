"""The part of `Lab` that shows transfers: what the cells of the lesson on them call.

    lab.timeline(image, here=[other])      a pull in time: slots, waiting, unpacking
    lab.plan(plan)                         a push or a pull as data: send, mount, exists, and why
    lab.talk()                             a client and a registry that talk in this process
    lab.pushes(talk, image, "web/app:1")   a push there, request by request; lab.pulls(talk, "web/app:1")
    lab.first_bytes()                      TLS or plain HTTP: what the client sends first, and what comes of it
    lab.stored(images, *requests)          what deleting a tag, a manifest, and collecting garbage free
    lab.wire(image)                        bandwidth, delay, loss, slots, compression, ways: an instrument
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..fs.sketch import file, sketch
from ..image.build import append, named, scratch
from ..image.layer import Image
from ..image.samples import advertised_size
from ..registry.network.pulls import pull
from ..registry.transfer import Parts, Plan
from ..registry.trust import Trust
from .plans import Stage, plan_picture, stored_picture, talk_picture
from .prompts import Words
from .svg import Picture, Table
from .talks import Talk, parts_of
from .text import t
from .timelines import timeline_picture
from .wires import Setting, Wire, blobs_of


class Transfers:
    """Views of pulls and pushes, in the language of the lab."""

    lang: str
    projector: bool

    # ---- in time

    def timeline(self, image: Image, here: Iterable[Image] = (), **controls: object) -> Picture:
        """Draw a pull as docker does it.

        Parameters
        ----------
        image : Image
        here : iterable of Image
            Whose layers are on the host already.
        **controls
            Of the line, as in `Setting`: ``mbit_s=1000``, ``delay_ms=5``, ``loss=0.001``, ``compression="zstd"``.
        """
        setting = Setting().turned(**controls)
        known = {layer.chain_id for one in here for layer in one.layers}
        layers = blobs_of(image, setting.compression)
        held = [blob.name for blob, layer in zip(layers, image.layers, strict=True) if layer.chain_id in known]
        return timeline_picture(
            pull(layers, setting.route, have=held), layers, here=held, lang=self.lang, projector=self.projector
        )

    def wire(self, image: Image, **controls: object) -> Wire:
        """Return the instrument; ``lab.wire(image, way="lazy").turn(mbit_s=1000)`` needs no widgets."""
        return Wire(image, Setting().turned(**controls), lang=self.lang, projector=self.projector)

    # ---- as data

    def blobs(self, image: Image) -> Parts:
        """Return the descriptors of an image, with the sizes that a real transfer of it would move."""
        return real_parts(image)

    def plan(self, plan: Plan) -> Picture:
        """Draw a plan of `registry.transfer`."""
        return plan_picture(plan, lang=self.lang, projector=self.projector)

    # ---- on the wire

    def small(self) -> tuple[Image, Image]:
        """Return a base of one layer, and an app of two more upon it: small, so that every byte can be sent."""
        return small_images()

    def talk(self, *pushed: tuple[Image, str]) -> Talk:
        """Return a client and an empty registry, or one to which some images were pushed."""
        talk = Talk()
        for image, name in pushed:
            talk.push(image, name)
        return talk

    def pushes(self, talk: Talk, image: Image, name: str) -> Picture:
        """Push an image in a talk, and draw the requests."""
        first = len(talk.exchanges)
        return self._requests(talk, first, talk.push(image, name))

    def pulls(self, talk: Talk, name: str, here: Iterable[Image] = ()) -> Picture:
        """Pull an image in a talk, and draw the requests; of images that are here, everything is."""
        first = len(talk.exchanges)
        return self._requests(talk, first, talk.pull(name, map(parts_of, here)))

    def _requests(self, talk: Talk, first: int, plan: Plan) -> Picture:
        return talk_picture(talk.exchanges[first:], plan, lang=self.lang, projector=self.projector)

    def first_bytes(self) -> Words:
        """Show how a client and a registry begin, with TLS and without, trusted and not."""
        head = tuple(t(f"column.{name}", self.lang) for name in ("registry_is", "client_is", "first", "then"))
        table = Table(t("tls.title", self.lang), head, tuple(
            (t("tls.https" if tls else "tls.http", self.lang),
             t("tls.trusts" if trusts else "tls.strict", self.lang), *self._begin(tls, trusts))
            for tls in (False, True) for trusts in (False, True)
        ))  # fmt: skip
        return Words(table.html(), f"{table.caption}\n\n{table.plain()}")

    def _begin(self, tls: bool, trusts: bool) -> tuple[str, str]:
        """Return the answer to TLS's first bytes, and what docker makes of it, by the endpoints that it tries."""
        registry = "10.0.0.9:5000"
        ways = Trust.of([registry] if trusts else []).endpoints(registry)
        first = t("tls.certificate" if tls else "tls.plain", self.lang)
        good = next((way for way in ways if (way.scheme == "https") == tls and not (tls and way.verified)), None)
        if good is not None:
            return first, t("tls.goes_on", self.lang, url=f"{good.url}/v2/")
        return first, X509 if tls else PLAIN

    # ---- what is stored

    def stored(self, pushed: Iterable[tuple[Image, str]], *requests: str) -> Picture:
        """Draw what a registry stores after each of some requests, ``METHOD TARGET``, and after garbage is collected.

        Parameters
        ----------
        pushed : iterable of (Image, str)
            What is in the registry, a new one for each call, with ``REPOSITORY:TAG``.
        *requests : str
        """
        talk = self.talk(*pushed)
        stages = [Stage(t("gc.before", self.lang), "", talk.stored)]
        for line in requests:
            method, _, target = line.partition(" ")
            response = talk.ask(method, target)
            shown = talk.exchanges[-1].line
            said = t(f"gc.{response.status}", self.lang) if response.status in (202, 404) else str(response.status)
            stages.append(Stage(shown, said, talk.stored))
        freed = talk.collect()
        stages.append(Stage(t("gc.collect", self.lang), t("gc.freed", self.lang, n=len(freed.freed)), talk.stored))
        return stored_picture(stages, lang=self.lang, projector=self.projector)


PLAIN = "http: server gave HTTP response to HTTPS client"
X509 = "x509: certificate signed by unknown authority"


def real_parts(image: Image) -> Parts:
    """Return the descriptors of an image; a sample's layers have the sizes of the real ones."""
    parts = parts_of(image)
    layers = [replace(layer.descriptor, size=advertised_size(layer)) for layer in image.layers]
    return replace(parts, layers=tuple(layers))


def small_images() -> tuple[Image, Image]:
    """Return a base of 1.2 MB, and an app upon it whose layers have 302 kB and 2 kB."""
    base = append(scratch(), sketch(file("/lib/libc.so", bytes(1_200_000))), created_by="COPY libc.so /lib/")
    app = append(base, sketch(file("/usr/bin/app", b"\x7f" * 300_000)), created_by="COPY app /usr/bin/")
    app = append(app, sketch(file("/etc/app.conf", b"port=80\n")), created_by="COPY app.conf /etc/")
    return named(base, "base"), named(app, "app")
