"""From what a person types to an image: the one place that joins archives, samples and registries.

    ubuntu.tar          docker-save archive, or an OCI layout in a tar; gzip or zstd around it or not
    layout/             OCI layout in a folder
    ubuntu.tar#22.04    one of several images: by tag, name:tag or digest
    sample:alpine       a sample that comes with the simulator
    127.0.0.1:5055/cyo57/app:1.0       an image of a registry: fetched into a temporary folder, which goes with it
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .content.descriptor import Platform
from .content.digest import Digest
from .content.limits import DEFAULT, Limits
from .errors import BadInput
from .image.archive import open_archive
from .image.choose import Choice, pick
from .image.layer import Image
from .image.outer import Progress
from .image.outline import Archive, Outline
from .image.read import read_image

if TYPE_CHECKING:
    from .dedup.chunking import Rule
    from .dedup.subject import Subject
    from .image.validate import Verdict
    from .registry.reference import Reference

SAMPLE = "sample:"
_REGISTRY = re.compile(
    r"(?:localhost|[\w-]+(?:\.[\w-]+)+)(?::\d+)?/[\w./-]+(?::[\w.-]+)?(?:@\w+:[0-9a-f]+)?",
    re.ASCII,
)
_SUFFIX = re.compile(r"(?:\.(?:tar|tgz|gz|zst|oci|docker))+$")


def open_image(
    arg: str | os.PathLike[str], *, platform: str | Platform | None = None, limits: Limits = DEFAULT,
    progress: Progress | None = None, threads: int | None = None, insecure: Sequence[str] = (),
) -> Image:
    """Open an image: every blob is read, every digest computed again.

    Parameters
    ----------
    arg : str or path
        A path, with ``#TAG-or-DIGEST`` where it holds several images, ``sample:NAME``, or
        ``REGISTRY/REPOSITORY:TAG``.
    platform : str or Platform, optional
        ``OS/ARCH[/VARIANT]``, where an image is there for several.
    limits : Limits
        Hold for a compressed archive, for each layer, and for all layers together.
    progress : callable, optional
        ``progress(done_bytes, total_bytes, what)``, called from any thread, never twice at once.
    threads : int, optional
        One a core, at most 4, by default. The result does not depend on it.
    insecure : sequence of str
        Registries that are spoken to over plain HTTP, or with any certificate.

    Raises
    ------
    BadInput
        There is no such image, or it is not what it claims to be; the subclass and the text say more.
    TransferFailed
        A registry cannot be reached, or does not give the image.
    Ambiguous
        There are several; `choices` lists them.
    """
    text = os.fspath(arg)
    if text.startswith(SAMPLE):
        from .image.samples import sample

        made = sample(text.removeprefix(SAMPLE))
        if platform is not None:
            # Samples are there for one platform each: another one is refused as it is of an archive.
            archive = laid_out_archive(made)
            pick(archive.choices, None, _platform(platform), where=text, platform_of=archive.platform_of)
        return made
    archive, choice, path = choose(text, platform=platform, limits=limits, progress=progress, insecure=insecure)
    outline = archive.outline(choice)
    return read_image(
        outline, display_name(outline.name, path), limits=limits, progress=progress, threads=threads
    )


def validate_image(
    arg: str | os.PathLike[str], *, platform: str | Platform | None = None, limits: Limits = DEFAULT,
    progress: Progress | None = None, threads: int | None = None, insecure: Sequence[str] = (),
) -> Verdict:
    """Compute all of an image again and return ALL that does not match; parameters as in `open_image`.

    Raises
    ------
    BadInput
        There is no image to look at, or it exceeds the limits.
    """
    from .image.validate import validate

    archive, choice = _archive(os.fspath(arg), platform, limits, progress, insecure)
    return validate(archive, choice, limits=limits, progress=progress, threads=threads)


def open_outline(
    arg: str | os.PathLike[str], *, platform: str | Platform | None = None, limits: Limits = DEFAULT,
    progress: Progress | None = None, insecure: Sequence[str] = (),
) -> Outline:
    """Read an image's documents and none of its layers; parameters and errors as in `open_image`."""
    archive, choice = _archive(os.fspath(arg), platform, limits, progress, insecure)
    return archive.outline(choice)


def open_subject(
    arg: str | os.PathLike[str], *, rule: Rule | None = None, platform: str | Platform | None = None,
    limits: Limits = DEFAULT, progress: Progress | None = None, threads: int | None = None,
    insecure: Sequence[str] = (),
) -> Subject:
    """Read an image for deduplication: damaged layers are left out and told of, chunks cut by `rule` if it is given.

    Further parameters and errors as in `open_image`.
    """
    from .dedup.pipeline import patient, scan

    archive, choice = _archive(os.fspath(arg), platform, limits, progress, insecure)
    outline = archive.outline(choice, patient)
    name = display_name(outline.name, Path(outline.outer.where))
    return scan(outline, name, rule=rule, limits=limits, progress=progress, threads=threads)


def image_id(
    arg: str | os.PathLike[str], *, platform: str | Platform | None = None, limits: Limits = DEFAULT,
    insecure: Sequence[str] = (),
) -> Digest:
    """Return the ID of an image, its config's digest, without reading layers; errors as in `open_subject`."""
    from .dedup.pipeline import patient

    archive, choice = _archive(os.fspath(arg), platform, limits, None, insecure)
    return archive.outline(choice, patient).config_descriptor.digest


def _archive(
    text: str, platform: str | Platform | None, limits: Limits, progress: Progress | None, insecure: Sequence[str]
) -> tuple[Archive, Choice]:
    if text.startswith(SAMPLE):
        archive = laid_out_archive(open_image(text, platform=platform))
        return archive, archive.choices[0]
    archive, choice, _ = choose(text, platform=platform, limits=limits, progress=progress, insecure=insecure)
    return archive, choice


def laid_out_archive(image: Image) -> Archive:
    """Return an image that was made here as the OCI layout that it would be written as."""
    from .image.oci_layout import OciLayout
    from .image.trees import TreeOuter, layout_tree

    return OciLayout(TreeOuter(layout_tree(image), image.name))


def choose(
    arg: str, *, platform: str | Platform | None = None, limits: Limits = DEFAULT, progress: Progress | None = None,
    insecure: Sequence[str] = (),
) -> tuple[Archive, Choice, Path]:
    """Open the archive that `arg` names and choose the image in it; errors as in `open_image`."""
    reference = registry_reference(arg)
    if reference is not None:
        archive, choice = _fetched(reference, _platform(platform), limits, progress, insecure)
        return archive, choice, Path(arg)
    path, ref = split_ref(arg)
    archive = open_archive(path, limits=limits, progress=progress)
    choice = pick(archive.choices, ref, _platform(platform), where=str(path), platform_of=archive.platform_of)
    return archive, choice, path


def registry_reference(arg: str) -> Reference | None:
    """Return the reference that `arg` is, None where it is a path.

    A file of that name goes first, and the registry must be named: ``ubuntu:22.04`` alone is a path.

    Raises
    ------
    BadInput
        It looks like a reference and is none, in docker's words.
    """
    # What lies below a folder that is there is a path, mistyped or not.
    if _REGISTRY.fullmatch(arg) is None or os.path.isdir(arg.partition("/")[0]):
        return None
    from .registry.reference import Reference

    return Reference.parse(arg)


def _fetched(
    reference: Reference, platform: Platform | None, limits: Limits, progress: Progress | None,
    insecure: Sequence[str],
) -> tuple[Archive, Choice]:
    """Fetch an image into a temporary folder that vanishes with the archive, and open that."""
    from shutil import rmtree
    from tempfile import mkdtemp
    from weakref import finalize

    from .registry.landing import pull_counted
    from .registry.settings import Settings

    folder = Path(mkdtemp(prefix="layerlab-"))
    try:
        pull_counted(reference, folder, Settings.read(insecure), platform, limits, progress)
        archive = open_archive(folder, limits=limits)
    except BaseException:
        rmtree(folder, ignore_errors=True)
        raise
    finalize(archive.outer, rmtree, folder, True)
    return archive, archive.choices[0]


def _platform(platform: str | Platform | None) -> Platform | None:
    return Platform.parse(platform) if isinstance(platform, str) else platform


def split_ref(arg: str) -> tuple[Path, str | None]:
    """Split ``PATH#REF``; a path that exists as a whole is one, ``#`` or not.

    Raises
    ------
    BadInput
        There is no such file.
    """
    path, hash_sign, ref = arg.rpartition("#")
    for candidate, wanted in ((arg, None), (path, ref)) if hash_sign else ((arg, None),):
        if candidate and _exists(candidate):
            if wanted == "":
                raise BadInput("no tag or digest after '#'", where=arg)
            return Path(candidate), wanted
    name = path if hash_sign and path else arg
    raise BadInput("no such file or folder", where=name or "''", hint=_nearest(name))


def display_name(tag: str, path: Path) -> str:
    """Return what to call an image: its full name, else its archive's name with the tag.

    Examples
    --------
    >>> display_name("bb:1.0", Path("x.tar")), display_name("1.0", Path("bb.oci.tar")), display_name("", Path("bb"))
    ('bb:1.0', 'bb:1.0', 'bb')
    """
    if ":" in tag or "/" in tag:
        return tag
    stem = _SUFFIX.sub("", path.resolve().name) or path.name
    return f"{stem}:{tag}" if tag else stem


def _exists(path: str) -> bool:
    try:
        return os.path.exists(path)
    except ValueError:  # a NUL byte
        return False


def _nearest(name: str) -> str | None:
    from difflib import get_close_matches

    folder, wanted = os.path.split(name)
    try:
        held = os.listdir(folder or ".")
    except (OSError, ValueError):
        return f"there is no folder {folder}" if folder else None
    found = get_close_matches(wanted, held, 3, 0.6)
    return "did you mean " + " or ".join(os.path.join(folder, name) for name in found) if found else None
