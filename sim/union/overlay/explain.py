"""Reasons in words: which layer, which rule, what the usual command prints, what a person can do."""

from __future__ import annotations

import errno
from collections.abc import Callable

from ...content.splice import stored
from ...fs.entry import Kind
from .core import Core
from .dentry import Dentry
from .paths import child, resolve, resolve_parent
from .report import Did, Refused, Report
from .views import asked, walk

COMMANDS = {
    "unlink": "rm: cannot remove '{0}': {message}",
    "rmdir": "rmdir: failed to remove '{0}': {message}",
    "mkdir": "mkdir: cannot create directory '{0}': {message}",
    "mknod": "mknod: {0}: {message}",
    "symlink": "ln: failed to create symbolic link '{1}': {message}",
    "link": "ln: failed to create hard link '{1}' => '{0}': {message}",
    "rename": "mv: cannot move '{0}' to '{1}': {message}",
    "chmod": "chmod: changing permissions of '{0}': {message}",
    "chown": "chown: changing ownership of '{0}': {message}",
    "utime": "touch: setting times of '{0}': {message}",
    "truncate": "truncate: failed to truncate '{0}': {message}",
    "cat": "cat: {0}: {message}",
    "readdir": "ls: cannot access '{0}': {message}",
    "stat": "stat: cannot statx '{0}': {message}",
    "lstat": "stat: cannot statx '{0}': {message}",
    "readlink": "readlink: {0}: {message}",
    "put": "sh: {0}: {message}",
    "append": "sh: {0}: {message}",
    "open": "sh: {0}: {message}",
    "setxattr": "setfattr: {0}: {message}",
    "removexattr": "setfattr: {0}: {message}",
    "getxattr": "getfattr: {0}: {message}",
}


def printed(report: Report) -> str | None:
    """Return what the usual command prints for a failure; None where it succeeds or there is no such command.

    mv(1) prints nothing for EXDEV: it copies and removes instead.
    """
    form = COMMANDS.get(report.op)
    if report.ok or form is None or (report.op == "rename" and report.errno == errno.EXDEV):
        return None
    return form.format(*report.paths, message=report.message)


def amount(size: int) -> str:
    """Write a number of bytes: exactly below 10 KB, else in KB, MB ... of 1000.

    Examples
    --------
    >>> amount(1), amount(214_300), amount(8_400_000)
    ('1 byte', '214 KB', '8.4 MB')
    """
    if size < 10_000:
        return "1 byte" if size == 1 else f"{size:,} bytes"
    value, units = size / 1000, ["KB", "MB", "GB", "TB"]
    while value >= 1000 and len(units) > 1:
        value /= 1000
        del units[0]
    unit = units[0]
    return f"{value:.1f} {unit}" if value < 100 else f"{value:.0f} {unit}"


def why(report: Report) -> str:
    """Return what happened, and by which rule."""
    if report.ok:
        effects = [effect.words for effect in report.effects if effect.did is not Did.CHANGED]
        said = "; ".join(effects) or "nothing in the upperdir changed"
        rule = _rule_of(report)
        return f"{report.op}: {said}" + (f" ({rule})" if rule else "")
    reason = _REASONS.get((report.op, report.errno)) or _REASONS.get(("", report.errno))
    said = reason(report) if reason is not None else report.message.lower()
    return f"{report.op}: {said}, so {report.name}"


def _rule_of(report: Report) -> str:
    did = {effect.did for effect in report.effects}
    if Did.COPY_UP in did and report.op in ("chmod", "chown", "utime", "setxattr") and report.copied:
        return "a lower layer cannot change, so the whole file is copied before its attributes are"
    if Did.COPY_UP in did and report.op == "open":
        return "opening for writing copies up, before anything is written"
    if Did.COPY_UP in did and report.op == "truncate":
        return "truncate(2) copies the whole file first; open with O_TRUNC copies no data"
    if Did.OPAQUE in did and report.op == "mkdir":
        return "without the mark the directory of the lower layer would show through"
    return "the lower layer keeps its bytes: the image does not shrink" if Did.WHITEOUT in did else ""


def advice(report: Report) -> str | None:
    """Return what a person can do about a failure, or None."""
    if report.ok:
        return None
    if report.errno == errno.EXDEV:
        copy = _tree_words(report)
        return f"mv then copies {copy} and leaves a whiteout; mount with redirect_dir=on to move without copying"
    return _ADVICE.get(report.errno)


_ADVICE = {
    errno.EROFS: "mount with an upperdir (run a container) to change something",
    errno.ENOSPC: "free space on the file system of the upperdir, or use a volume for what is large and changes",
    errno.ENOTEMPTY: "remove what is in it first (rm -r)",
    errno.EISDIR: "name a file, or use rmdir or rm -r for a directory",
    errno.ELOOP: "look at the links with readlink: they lead in a circle, or too far",
    errno.EPERM: "whiteouts are made by removing, never by hand",
}


def _core(report: Report) -> Core:
    return report.before.core


def _at(report: Report) -> str:
    if report.at is not None:
        return report.at
    return report.paths[-1].strip("/") if report.paths else ""


def _find(core: Core, path: str) -> Dentry | None:
    try:
        return resolve(core, "/" + path, False)
    except Refused:
        return None


def _layer_words(core: Core, dentry: Dentry) -> str:
    layers = sorted(layer for layer, _ in dentry.lowers)
    if not layers:
        return "in the upperdir alone"
    named = f"layer {layers[0]}" if len(layers) == 1 else "layers " + ", ".join(map(str, layers))
    return f"in the upperdir and in lower {named}" if dentry.upper is not None else f"in lower {named}"


def _tree_words(report: Report) -> str:
    core = _core(report)
    found = _find(core, _at(report))
    if found is None:
        return "its files"
    files = [dentry for _, dentry in walk(core, "/" + found.path) if dentry.node.kind is Kind.FILE]
    return f"{amount(sum(stored(dentry.node.data) for dentry in files))} in {len(files)} files"


def _exdev(report: Report) -> str:
    found = _find(_core(report), _at(report))
    where = _layer_words(_core(report), found) if found is not None else "in a lower layer"
    return f"the directory /{_at(report)} is {where}; moving it would leave its lower contents under the old name"


def _enoent(report: Report) -> str:
    core, path = _core(report), _at(report)
    if report.op == "symlink" and report.paths and not report.paths[0]:
        return "the target of a link cannot be empty"
    if report.op == "rename" and report.at is None:
        path = report.paths[-1].strip("/")
    try:
        parent, name, *_ = resolve_parent(core, "/" + path)
    except Refused as refused:
        return f"a part of the path is missing: /{refused.at or path}"
    if not name or child(core, parent, name) is not None:
        return f"/{path} leads to something that is not there"
    full = f"{parent.path}/{name}".strip("/")
    for said in asked(core, parent, name):
        if said.said == "whiteout":
            where = "the upperdir" if said.layer == core.upper_layer else f"layer {said.layer}"
            return f"{where} has a whiteout of /{full}, which hides what lower layers have"
    if parent.upper is not None and core.is_opaque(parent.upper):
        return f"/{parent.path} is opaque in the upperdir and has no {name}"
    return f"no layer that is merged in /{parent.path} has the name {name}"


def _enotempty(report: Report) -> str:
    core = _core(report)
    found = _find(core, _at(report))
    if found is None or not found.is_dir:
        return f"/{_at(report)} is not empty"
    names = sorted({name for node in ([found.upper] if found.upper else []) + [n for _, n in found.lowers]
                    for name in node.names or {}})
    shown = [name for name in names if child(core, found, name) is not None]
    if not shown:
        ghosts = ", ".join(names[:3])
        return f"/{found.path} is in the upperdir alone, and on disk the whiteouts in it ({ghosts}) are files"
    return f"the merged directory /{found.path} shows {len(shown)} names ({', '.join(shown[:3])})"


def _enospc(report: Report) -> str:
    core = _core(report)
    found = _find(core, _at(report))
    free = amount(report.before.space.free or 0)
    if found is not None and found.upper is None and found.node.kind is Kind.FILE:
        need = amount(stored(found.node.data))
        return f"the copy-up of /{found.path} needs {need}, {free} are free where the upperdir is"
    return f"{free} are free where the upperdir is"


def _plain(words: str) -> Callable[[Report], str]:
    return lambda report: words.format(at="/" + _at(report))


_REASONS: dict[tuple[str, int], Callable[[Report], str]] = {
    ("", errno.EXDEV): _exdev,
    ("", errno.ENOENT): _enoent,
    ("", errno.ENOTEMPTY): _enotempty,
    ("", errno.ENOSPC): _enospc,
    ("", errno.EROFS): _plain("the mount has no upperdir"),
    ("", errno.ENOTDIR): _plain("{at} is not a directory in the merged view"),
    ("", errno.EISDIR): _plain("{at} is a directory in the merged view"),
    ("", errno.EEXIST): _plain("{at} is there already"),
    ("", errno.ELOOP): _plain("more than 40 symlinks on the way, or one that must not be followed"),
    ("", errno.ENAMETOOLONG): _plain("a name has more than 255 bytes, or the path more than 4,095"),
    ("", errno.EBUSY): _plain("the root, . and .. cannot be moved or removed"),
    ("", errno.EBADF): _plain("the descriptor is not open, or not open for this"),
    ("", errno.ENODATA): _plain("{at} has no such attribute"),
    ("", errno.EOPNOTSUPP): _plain("attributes are named user.*, trusted.* or security.*"),
    ("", errno.ENXIO): _plain("{at} is a pipe or a device, and the model has nobody behind it"),
    ("mknod", errno.EPERM): _plain("a character device 0/0 is what overlayfs takes for a whiteout"),
    ("link", errno.EPERM): _plain("{at} would be a second name of a directory"),
    ("setxattr", errno.EPERM): _plain("user attributes exist on files and directories alone"),
    ("rename", errno.EINVAL): _plain("a directory cannot be moved into itself"),
    ("rename", errno.EISDIR): _plain("a file cannot take the place of the directory {at}"),
    ("rename", errno.ENOTDIR): _plain("a directory cannot take the place of {at}, or a part of it is none"),
    ("rmdir", errno.EINVAL): _plain("a path that ends in . names no entry that could be removed"),
    ("readlink", errno.EINVAL): _plain("{at} is no symlink"),
}
