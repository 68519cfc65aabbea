"""Mount options, and the mounts that the kernel refuses.

A mount is data: the directories' paths and the options, as mount(8) takes them. The names of the directories
matter in themselves: the kernel refuses overlapping ones, and the whole text must fit into one page
(fs/overlayfs/params.c and super.c; fs/namespace.c, `copy_mount_options`).

    mount -t overlay overlay -o lowerdir=/l/3:/l/2:/l/1,upperdir=/u,workdir=/w /merged
                                        top .. base
"""

from __future__ import annotations

import errno
import posixpath
from dataclasses import dataclass

from ...errors import BadInput, FsError, errno_name

MAX_LOWERS = 500
"""Lower layers of one mount (fs/overlayfs/params.h, OVL_MAX_STACK)."""

PAGE = 4096
"""Bytes of mount(2)'s data, the closing NUL among them."""

_SWITCHES = {"redirect_dir", "metacopy", "index"}


@dataclass(frozen=True, slots=True)
class Options:
    """The mount options that are modelled; the kernel's defaults.

    Attributes
    ----------
    redirect_dir : bool
        A lower directory can be renamed: the upper one gets a mark with the old name.
    metacopy : bool
        chmod and its like copy the inode up without its data. It brings redirect_dir with it.
    index : bool
        Hard links of a lower layer stay hard links when one of the names is copied up.
    userxattr : bool
        Marks are ``user.overlay.*``, which needs no privileges; ``trusted.overlay.*`` then means nothing.
    """

    redirect_dir: bool = False
    metacopy: bool = False
    index: bool = False
    userxattr: bool = False

    def __post_init__(self) -> None:
        # fs/overlayfs/params.c, ovl_fs_params_verify: both follow marks that anybody may write.
        if self.userxattr and (self.redirect_dir or self.metacopy):
            raise FsError(
                errno.EINVAL, "", "mount: userxattr cannot go with redirect_dir=on or metacopy=on: EINVAL",
                hint="leave one of them out",
            )

    @classmethod
    def parse(cls, text: str) -> Options:
        """Read options as mount(8) takes them.

        Examples
        --------
        >>> Options.parse("redirect_dir=on,index=on")
        Options(redirect_dir=True, metacopy=False, index=True, userxattr=False)
        """
        found: dict[str, bool] = {}
        for word in text.split(",") if text else ():
            name, equals, value = word.partition("=")
            if name == "userxattr" and not equals:
                found[name] = True
            elif name in _SWITCHES and value in ("on", "off"):
                found[name] = value == "on"
            else:
                raise BadInput(
                    f"the mount option {word[:60]!r} is not modelled",
                    hint="redirect_dir, metacopy and index take on or off; userxattr takes nothing",
                )
        return cls(**found)

    def __str__(self) -> str:
        named = [f"{name}=on" for name in ("redirect_dir", "metacopy", "index") if getattr(self, name)]
        return ",".join(named + ["userxattr"] * self.userxattr)


@dataclass(frozen=True, slots=True)
class Names:
    """The paths that a mount is made of.

    Attributes
    ----------
    lowerdir : tuple of str
        Absolute paths, base first.
    upperdir, workdir : str or None
        Both or none: without them the mount is read-only.
    options : Options
    """

    lowerdir: tuple[str, ...]
    upperdir: str | None = None
    workdir: str | None = None
    options: Options = Options()

    @classmethod
    def numbered(cls, layers: int, writable: bool, options: Options = Options()) -> Names:  # noqa: B008
        """Return short names for a stack: ``/l/1`` is the base."""
        lowers = tuple(f"/l/{number}" for number in range(1, layers + 1))
        return cls(lowers, "/upper", "/work", options) if writable else cls(lowers, options=options)

    def __str__(self) -> str:
        """The text that mount(2) gets: lowerdir is written top first, and colons and commas are escaped."""
        words = ["lowerdir=" + ":".join(_escaped(path) for path in reversed(self.lowerdir))]
        if self.upperdir is not None:
            words.append(f"upperdir={_escaped(self.upperdir)}")
        if self.workdir is not None:
            words.append(f"workdir={_escaped(self.workdir)}")
        return ",".join(words + [str(self.options)] * bool(str(self.options)))

    def check(self) -> None:
        """Raise the `FsError` with which the kernel refuses this mount, if it does.

        Paths are compared as they are written; all of them are taken to be on one file system.

        Examples
        --------
        >>> Names(("/l", "/l"), "/u", "/w").check()
        Traceback (most recent call last):
        sim.errors.FsError: mount: /l is a lower directory twice: ELOOP; name every directory once
        """
        text = str(self)
        size = len(text.encode("utf-8", "surrogateescape"))
        if not self.lowerdir:
            _refuse("mount: there is no lowerdir", "an overlay has at least one lower directory")
        if self.upperdir is None and len(self.lowerdir) == 1:
            _refuse("mount: one lowerdir and no upperdir", "add a second lowerdir, or an upperdir and a workdir")
        if self.upperdir is not None and self.workdir is None:
            _refuse("mount: upperdir without workdir", "give an empty directory on the upper's file system as workdir")
        if len(self.lowerdir) > MAX_LOWERS:
            _refuse(f"mount: {len(self.lowerdir)} lower directories, {MAX_LOWERS} are allowed", "merge some layers")
        if size >= PAGE:
            _refuse(
                f"mount: {size} bytes of options, {PAGE - 1} fit into the page that mount(2) copies",
                "use shorter paths (docker makes short links to its layers for this), or fewer layers",
            )
        self._check_overlap()

    def _check_overlap(self) -> None:
        upper, work = self.upperdir, self.workdir
        if upper is not None and work is not None and (_within(work, upper) or _within(upper, work)):
            _refuse("mount: workdir and upperdir are the same or one is inside the other",
                    "make them two directories side by side")
        seen: list[str] = []
        for lower in self.lowerdir:
            if lower in seen:
                _refuse(f"mount: {lower} is a lower directory twice", "name every directory once", errno.ELOOP)
            for other in seen:
                if _within(lower, other) or _within(other, lower):
                    _refuse(f"mount: of {other} and {lower} one is inside the other",
                            "layers must not overlap", errno.ELOOP)
            for holder in (upper, work):
                if holder is not None and _within(lower, holder):
                    _refuse(f"mount: the lower directory {lower} is {holder} or inside it",
                            "layers must not overlap", errno.ELOOP)
            seen.append(lower)


def _refuse(what: str, hint: str, number: int = errno.EINVAL) -> None:
    raise FsError(number, "", f"{what}: {errno_name(number)}", hint=hint)


def _escaped(path: str) -> str:
    return path.replace("\\", "\\\\").replace(":", "\\:").replace(",", "\\,")


def _within(path: str, other: str) -> bool:
    path, other = posixpath.normpath(path), posixpath.normpath(other)
    return path == other or path.startswith(other.rstrip("/") + "/")
