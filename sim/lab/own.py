"""The part of `Lab` that looks into an image of one's own: what it is, what it wastes, what to change.

    mine = lab.own("my.tar")       an archive, a layout, HOST:PORT/app:tag; by default an example
    lab.config(mine)               what its config says
    lab.compare(mine, other)       two images: layers, bytes stored, bytes that nobody sees
"""

from __future__ import annotations

import os
from pathlib import Path

from ..content.sizes import human_size
from ..dedup.sharing import usage
from ..dedup.subject import Subject
from ..errors import SimError
from ..image.convert import write_archive
from ..image.layer import Image
from ..source import open_image
from .plates import listing
from .prompts import Words
from .svg import Table
from .text import t
from .waiting import Waiting
from .worlds import Worlds

OWN = "LAYERLAB_IMAGE"
"""The environment variable that names the image to look into."""
EXAMPLE = "example.tar"


class Own(Worlds):
    """Views of one's own image, in the language of the lab."""

    folder: Path

    def own(self, image: str | os.PathLike[str] | None = None) -> Image:
        """Open an image of one's own: the one that LAYERLAB_IMAGE names by default, else an example.

        The example is an archive that this writes into the learner's folder, in the form of ``docker save``: app:1 of
        section 11.1.

        Parameters
        ----------
        image : str or path, optional
            As `sim.source.open_image` takes it: ``my.tar``, ``my.tar#app:2``, ``127.0.0.1:5055/app:1``.

        Raises
        ------
        SimError
            There is no such image, it is damaged, or the folder cannot be written; the text says what to do.
        """
        chosen = image or os.environ.get(OWN) or self._example()
        with Waiting(self.lang) as bar:
            return open_image(chosen, progress=bar)

    def _example(self) -> Path:
        from ..engine.cmd_archives import image_value
        from ..engine.images import find
        from .places.challenges import CHALLENGE_PLACES

        world = CHALLENGE_PLACES["11.1"]().world
        (host,) = world.hosts.values()
        held = find(host.daemon, "app:1")
        assert held is not None
        path = self.folder / EXAMPLE
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_archive(image_value(world.stock, held, "app:1"), path)
        except OSError as error:
            raise SimError(
                f"{path} cannot be written: {error.strerror}", hint="set SIM_HOME to a folder of yours"
            ) from None
        return path

    def config(self, image: Image) -> Words:
        """Show what the config of an image says: for what machine, what it runs, as whom, where."""
        config, run = image.config, image.config.config
        rows = {
            "platform": f"{config.os}/{config.architecture}", "created": config.created or "",
            "author": config.author or "", "command": " ".join((*(run.entrypoint or ()), *(run.cmd or ()))),
            "env": listing(run.env, self.lang), "user": run.user or "root", "folder": run.working_dir or "/",
            "ports": listing(sorted(run.exposed_ports), self.lang), "volumes": listing(sorted(run.volumes), self.lang),
        }
        told = tuple((t(f"own.{name}", self.lang), said) for name, said in rows.items() if said)
        return self._words(t("own.config", self.lang, name=image.name), ("field", "value"), told)

    def compare(self, *images: Image) -> Words:
        """Show images side by side: how many layers, bytes stored, seen, and seen by nobody."""
        rows = []
        for image in images:
            counted = usage(Subject.of(image)).totals
            hidden = counted.stored_bytes - counted.live_bytes
            sizes = (human_size(size) for size in (counted.stored_bytes, counted.live_bytes, hidden))
            rows.append((image.name, str(len(image.layers)), *sizes))
        head = ("name", "layers", "all", "seen", "unseen")
        return self._words(t("own.compare", self.lang), head, tuple(rows))

    def _words(self, caption: str, head: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> Words:
        table = Table(caption, tuple(t(f"own.{name}", self.lang) for name in head), rows)
        return Words(table.html(), f"{table.caption}\n\n{table.plain()}")
