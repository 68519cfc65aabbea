"""`Lab`: what a lesson's cells call.

    from sim import Lab
    lab = Lab()                              Lab(lang="zh") speaks Chinese
    image = lab.open("ubuntu.tar")           an archive, an OCI layout, or sample:NAME
    lab.stack(image)                         its layers
    lab.tree(image)                          the merged tree, coloured by layer
    lab.why(image, "/etc/motd")              one lookup, with its reason
    lab.run("docker pull ubuntu")            a command in a simulated world; lab.show() draws it (worlds.py)

Everything that is returned shows itself: a picture with its alt text in a notebook, the same facts as plain text
in a terminal. Nothing here computes what the model knows: these are views.
"""

from __future__ import annotations

import os
import stat
import sys
import tarfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, cast

from ..content.compression import Compression, decompressed
from ..content.digest import Digest
from ..content.home import home
from ..content.sizes import human_size
from ..errors import BadInput
from ..image.build import measure
from ..image.layer import Image
from ..source import open_image
from ..union.index import Index
from . import record
from .attempts import Attempts
from .boots import Boots
from .cells import listen
from .containers import Containers
from .coursemap import Course
from .dedups import Dedups
from .drills import Drills
from .figures import Source, stack_picture
from .instruments import Instruments
from .keeping import restore
from .looking import looking_down
from .own import OWN, Own
from .plates import plates_of
from .prompts import Evidence, Predict, Reveal, Words, plain, recall
from .svg import Picture, Table
from .text import LANGUAGES, t
from .transfers import Transfers
from .trees import matrix_picture, tree_picture
from .view import asked_layers
from .waiting import Waiting
from .widgets import Choose, Stepper
from .worlds import register

IMAGE = OWN
DEFAULT_IMAGE = "sample:ubuntu-vim"


class Lab(Containers, Boots, Dedups, Transfers, Instruments, Attempts, Course, Drills, Own):
    """The views of the lessons, in one language.

    Parameters
    ----------
    lang : {"en", "zh"}
    projector : bool
        Draw everything larger, for the back row.
    folder : path, optional
        Where the learner's record lies; `home()` otherwise.

    Examples
    --------
    >>> from sim.fs.sketch import sketch, file
    >>> lab = Lab()
    >>> print(lab.why([sketch(file("/etc/motd", b"hi"))], "/etc/motd").alt)
    1 layer seen from above, 1 path. /etc/motd: layer 1 has it: it comes from layer 1.
    """

    def __init__(self, lang: str = "en", *, projector: bool = False, folder: str | Path | None = None) -> None:
        if lang not in LANGUAGES:
            raise BadInput(f"the lab does not speak {lang!r}", hint="choose one of " + ", ".join(LANGUAGES))
        self.lang, self.projector = lang, projector
        self.folder = home() if folder is None else Path(folder)
        restore(self.folder)
        self._held: list[tuple[Source, Index]] = []
        self._mounts = []
        self._desk, self._passwords, self._before, self._last = None, {}, None, ()
        shell = _notebook()
        if shell is not None:
            listen(shell, lang)
            register(self, shell)

    def __repr__(self) -> str:
        return t("lab.hello", self.lang)

    # ---- images

    def open(self, image: str | os.PathLike[str] | None = None) -> Image:
        """Open an image; without an argument, the one that LAYERLAB_IMAGE names, else a sample."""
        with Waiting(self.lang) as bar:
            return open_image(image or os.environ.get(IMAGE) or DEFAULT_IMAGE, progress=bar)

    def members(self, image: Image, layer: int, like: str = "*", limit: int = 8) -> Words:
        """List the first members of a layer's tar, as tar itself names them.

        Parameters
        ----------
        layer : int
            The base is 1.
        like : str
            A pattern for names, such as ``*.wh.*``.
        """
        blob = image.layers[layer - 1].descriptor.digest
        stream = _Stream(decompressed(image.blobs.chunks(blob), f"layer {layer}"))
        rows: list[tuple[str, ...]] = []
        with tarfile.open(fileobj=cast(Any, stream), mode="r|") as tar:
            for member in tar:
                if fnmatchcase(member.name, like):
                    rows.append((_ls(member), human_size(member.size), member.name))
                if len(rows) == limit:
                    break
        head = tuple(t(f"column.{name}", self.lang) for name in ("mode", "size", "member"))
        return self._rows(t("lab.members", self.lang, n=layer, like=like), head, rows)

    def names(self, image: Image) -> Words:
        """Show the three names of each layer, top first."""
        rows = [
            (str(number), layer.descriptor.digest.short, layer.diff_id.short, layer.chain_id.short)
            for number, layer in enumerate(image.layers, 1)
        ]
        head = tuple(t(f"column.{name}", self.lang) for name in ("layer", "digest", "diff_id", "chain_id"))
        return self._rows(t("lab.names", self.lang, name=image.name), head, rows[::-1])

    def digests(self, *contents: bytes) -> Words:
        """Show some bytes, each with its digest."""
        rows = [(repr(content), str(Digest.of(content))) for content in contents]
        head = (t("column.bytes", self.lang), t("column.content", self.lang))
        return self._rows(t("lab.digests", self.lang), head, rows)

    def forms(self, image: Image, layer: int = 1) -> Words:
        """Show the names of one layer, stored as a plain tar, with gzip and with zstd; each is computed anew."""
        rows = []
        for form in Compression:
            facts = measure(image.layers[layer - 1].changes, form)
            rows.append((str(form), facts.digest.short, facts.diff_id.short))
        head = tuple(t(f"column.{name}", self.lang) for name in ("stored_as", "digest", "diff_id"))
        return self._rows(t("lab.forms", self.lang, n=layer, name=image.name), head, rows)

    def _rows(self, caption: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Words:
        table = Table(caption, head, tuple(rows) or (("-",) * len(head),))
        return Words(table.html(), f"{caption}\n\n{table.plain()}")

    # ---- pictures

    def stack(self, image: Source) -> Picture:
        """Draw the layers with their sizes."""
        return stack_picture(image, lang=self.lang, projector=self.projector)

    def tree(self, image: Source, directory: str = "/") -> Picture:
        """Draw a directory of the merged view, coloured by the layers that supply it."""
        return tree_picture(
            image, directory.strip("/"), index=self._index(image), lang=self.lang, projector=self.projector
        )

    def matrix(self, image: Source) -> Picture:
        """Draw directories by layers: where the visible bytes come from."""
        return matrix_picture(image, index=self._index(image), lang=self.lang, projector=self.projector)

    def why(self, image: Source, path: str) -> Picture:
        """Draw one lookup: which layers are asked, what each says, and where the search ends."""
        return looking_down(image, asked=path, lang=self.lang, projector=self.projector)

    def look(self, image: Source, paths: Sequence[str], asked: str | None = None) -> Picture:
        """Look down through the layers at some paths; `asked` is the one whose lookup is drawn."""
        return looking_down(image, paths, asked, lang=self.lang, projector=self.projector)

    def sizes(self, image: Image) -> Picture:
        """Chart the three sizes of each layer; without matplotlib, the stack says the same."""
        from .charts import sizes_chart

        with suppress(ModuleNotFoundError):
            return sizes_chart(image, lang=self.lang, projector=self.projector)
        return self.stack(image)

    def costs(self) -> Picture | Words:
        """Chart what one lookup costs when layers are added, as recorded; without matplotlib, as a table."""
        from .curve import cost_curve, cost_table

        return self._charted(cost_curve, cost_table)

    def reading(self) -> Picture | Words:
        """Chart what one pass over an image takes, job by job, as recorded; without matplotlib, as a table."""
        from .reading import reading_chart, reading_table

        return self._charted(reading_chart, reading_table)

    def _charted(self, draw: Callable[..., Picture], listed: Callable[..., Table]) -> Picture | Words:
        try:
            return draw(lang=self.lang, projector=self.projector)
        except ModuleNotFoundError:
            table = listed(lang=self.lang)
            return Words(table.html(), table.plain())

    def family(self, images: Sequence[Image]) -> Picture:
        """Draw images over the layers that they share."""
        from .graphs import inheritance_picture

        return inheritance_picture(images, lang=self.lang, projector=self.projector)

    def pull(self, image: Image, here: Sequence[Image | Digest] = ()) -> Picture:
        """Draw which layers a pull would fetch when some images, or layers by digest, are here already."""
        from .graphs import pull_picture

        known = {
            digest for held in here
            for digest in ([held] if isinstance(held, Digest) else [lay.descriptor.digest for lay in held.layers])
        }
        return pull_picture(image, known, lang=self.lang, projector=self.projector)

    # ---- pictures that move

    def slide(self, image: Source, directory: str = "/") -> Stepper:
        """Stack the layers one by one, and see a directory of the merged view grow."""
        plates, index, at = plates_of(image), self._index(image), directory.strip("/")

        def frame(k: int) -> list[Picture]:
            return [
                stack_picture(plates, k=k, lang=self.lang, projector=self.projector),
                tree_picture(plates, at, k=k, index=index, lang=self.lang, projector=self.projector),
            ]

        return Stepper(
            frame, len(plates), at=len(plates), label=t("slider.label", self.lang),
            words=lambda k: t("slider.at", self.lang, k=k, n=len(plates)), lang=self.lang,
        )

    def step(self, image: Source, paths: Sequence[str]) -> Choose:
        """Follow the lookup of each path, layer by layer, forward and back."""
        plates = plates_of(image)
        stack = [plate.changes for plate in plates]

        def stepper(path: str) -> Stepper:
            trace = len(asked_layers(stack, path))
            return Stepper(
                lambda k: [looking_down(
                    plates, paths, path, steps=k, lang=self.lang, projector=self.projector
                )],
                trace, label=t("slider.asked", self.lang, path=path),
                words=lambda k: t("stepper.at", self.lang, k=k, n=trace), lang=self.lang,
            )

        return Choose({path: stepper(path) for path in paths}, label=t("stepper.path", self.lang))

    def _index(self, image: Source) -> Index:
        # By identity: comparing two images would compare all their entries.
        for held, index in self._held:
            if held is image:
                return index
        index = Index.of([plate.changes for plate in plates_of(image)])
        self._held = [*self._held[-3:], (image, index)]
        return index

    # ---- questions

    def recall(self, lesson: str, answers: bool = False) -> Words:
        """Ask what earlier lessons taught."""
        return recall(lesson, self.lang, answers)

    def predict(self, question: str, choice: int | None = None) -> Predict:
        """Ask for a prediction, or record one."""
        return Predict(question, choice, self.folder, self.lang)

    def reveal(self, question: str, evidence: Evidence | None = None, *, show: bool = False) -> Reveal:
        """Show the answer to whoever has predicted it; to others the question again."""
        return Reveal(question, evidence, show, self.folder, self.lang)

    def check(self, task: str, answer: object) -> Words:
        """Say whether an answer to a task is right, and what to think of if not; a right one is recorded."""
        from .tasks import check

        said, right = check(task, answer, self.lang)
        if right:
            record.save(self.folder, record.load(self.folder).done(task))
        return plain(said)


def _ls(member: tarfile.TarInfo) -> str:
    """Return type and mode as ``ls -l`` writes them; a tar keeps the type apart from the mode."""
    kinds = ((member.isdir(), stat.S_IFDIR), (member.issym(), stat.S_IFLNK), (member.isfifo(), stat.S_IFIFO),
             (member.ischr(), stat.S_IFCHR), (member.isblk(), stat.S_IFBLK))
    return stat.filemode(member.mode | next((kind for is_it, kind in kinds if is_it), stat.S_IFREG))


class _Stream:
    """Pieces of bytes as the file that `tarfile` reads from."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._left = pieces, b""

    def read(self, size: int) -> bytes:
        while len(self._left) < size and (piece := next(self._pieces, b"")):
            self._left += piece
        found, self._left = self._left[:size], self._left[size:]
        return found


def _notebook() -> Any:
    """Return the IPython that runs this, None where there is none."""
    if sys.modules.get("IPython") is None:
        return None
    from IPython.core.getipython import get_ipython

    return get_ipython()
