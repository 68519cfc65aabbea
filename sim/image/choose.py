"""Choosing one image among those that an archive holds.

    bb.tar#1.0                   by tag, or by name:tag
    bb.tar#sha256:9f...          by digest: of the manifest, of an index above it, of the config (image ID)
    bb.tar --platform linux/arm64

What is chosen depends on the words alone, never on the machine. Where there is one image, it is taken;
several are `Ambiguous`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..content.descriptor import Platform
from ..content.digest import Digest
from ..errors import Ambiguous, ArchiveInvalid, BlobMissing

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Choice:
    """One image of an archive.

    Attributes
    ----------
    number : int
        Its place among the archive's choices.
    digest : Digest
        Of the manifest, or of the config where there is none.
    names : tuple of str
        Tags, or names with tags.
    platform : Platform or None
        As the archive's index says; None where it does not.
    others : tuple of Digest
        Further digests that mean this image.
    present : bool
        Whether the archive holds its first document: indexes are often kept in part.
    image : bool
        False for what is known to be no image: signatures, attestations, other artifacts.
    """

    number: int
    digest: Digest
    names: tuple[str, ...] = ()
    platform: Platform | None = None
    others: tuple[Digest, ...] = ()
    present: bool = True
    image: bool = True


def pick(
    choices: Sequence[Choice], ref: str | None, platform: Platform | None, *,
    where: str, platform_of: Callable[[Choice], Platform | None],
) -> Choice:
    """Return the one choice that fits.

    Parameters
    ----------
    choices : sequence of Choice
    ref : str or None
        A tag, a name with a tag, or a digest.
    platform : Platform or None
    where : str
        The archive, for messages.
    platform_of : callable
        Reads the platform of a choice whose index does not say it; None for what is no image.

    Raises
    ------
    ArchiveInvalid
        There is no image, or none that fits; the hint lists those that are there.
    Ambiguous
        Several fit.
    BlobMissing
        The one that fits is named but not held.
    """
    # Signatures and the like stand beside images; only their digest asks for them.
    fit = [choice for choice in choices if (choice.image if ref is None else named(choice, ref))]
    if len(fit) > 1 and any(choice.image for choice in fit):
        fit = [choice for choice in fit if choice.image]
    if platform is not None:
        fit = [choice for choice in fit if _runs_on(_platform(choice, platform_of), platform)]
    if not fit:
        raise _nothing(choices, ref, platform, where)
    here = list({choice.digest: choice for choice in fit if choice.present}.values())
    if not here:
        raise BlobMissing(fit[0].digest, where=where)
    if len(here) > 1:
        raise Ambiguous(f"{len(here)} images fit", _labels(here), where=where)
    chosen = next(choice for choice in fit if choice.digest == here[0].digest)
    if ref is None:
        return chosen
    # Of its names, the one that was asked for comes first: it is what the image will be called.
    return replace(chosen, names=tuple(sorted(chosen.names, key=lambda name: not _means(name, ref))))


def named(choice: Choice, ref: str) -> bool:
    """Tell whether `ref` means a choice.

    Examples
    --------
    >>> box = Choice(0, Digest.of(b""), ("docker.io/library/busybox:1.36",))
    >>> [named(box, ref) for ref in ("1.36", "busybox:1.36", "library/busybox:1.36", "box:1.36")]
    [True, True, True, False]
    """
    if ref in map(str, (choice.digest, *choice.others)):
        return True
    return any(_means(name, ref) for name in choice.names)


def _means(name: str, ref: str) -> bool:
    return ref in (name, name.rpartition(":")[2]) or name.endswith("/" + ref)


def _platform(choice: Choice, platform_of: Callable[[Choice], Platform | None]) -> Platform | None:
    return choice.platform or (platform_of(choice) if choice.present else None)


def _runs_on(has: Platform | None, wanted: Platform) -> bool:
    if has is None or (has.os, has.architecture) != (wanted.os, wanted.architecture):
        return False
    return wanted.variant is None or _variant(has) == _variant(wanted)


def _variant(platform: Platform) -> str | None:
    # "arm64" alone means v8, "arm" alone v7: the image specification's own table leaves them out.
    return platform.variant or {"arm64": "v8", "arm": "v7"}.get(platform.architecture)


def _labels(choices: Sequence[Choice]) -> tuple[str, ...]:
    """Return words to copy into the command, shortest that tell the choices apart."""
    tags = ["#" + (choice.names[0] if choice.names else str(choice.digest)) for choice in choices]
    platforms = [f"--platform {choice.platform}" for choice in choices if choice.platform is not None]
    if len(set(platforms)) == len(choices):
        return tuple(platforms)
    if len(set(tags)) == len(choices):
        return tuple(tags)
    both = tuple(map(" ".join, zip(tags, platforms, strict=False)))
    if len(set(both)) == len(choices):
        return both
    return tuple("#" + str(choice.digest) for choice in choices)


def _nothing(
    choices: Sequence[Choice], ref: str | None, platform: Platform | None, where: str
) -> ArchiveInvalid:
    wish = (" #" + ref if ref else "") + (f" --platform {platform}" if platform else "")
    images = [choice for choice in choices if choice.image]
    if not images or not wish:
        return ArchiveInvalid("holds no image", where=where)
    held = ", ".join(map(_words, images[:_SHOWN]))
    return ArchiveInvalid(f"holds no image{wish}", where=where, hint=f"it holds {held}")


def _words(choice: Choice) -> str:
    names = " ".join(f"#{name}" for name in choice.names or (choice.digest,))
    return names if choice.platform is None else f"{names} ({choice.platform})"
