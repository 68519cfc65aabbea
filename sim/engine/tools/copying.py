"""cp and mv. `mv` renames; where the kernel answers EXDEV it copies and removes, as the real one does.

A directory of a lower layer cannot be renamed by the kernel (overlayfs without redirect_dir): `mv` then costs a copy
of all that is in it, and the old one is hidden by a whiteout.
"""

from __future__ import annotations

import errno

from ...errors import FsError
from ...fs.entry import Kind
from ...union.overlay import Stat
from ..sh.flags import Options, options
from ..sh.process import Process, reason
from .shown import quoted


def cp(p: Process) -> int:
    """`cp [-aRrpdfuvT] SOURCE… DESTINATION`."""
    found = options(p, "aRrpdfuvTnLP", ("archive|a", "recursive|r", "force|f", "verbose|v", "preserve", "preserve="))
    return _placed(p, found, _copy_one)


def mv(p: Process) -> int:
    """`mv [-fnvT] SOURCE… DESTINATION`."""
    found = options(p, "fnviuT", ("force|f", "no-clobber|n", "verbose|v"))
    return _placed(p, found, _move_one)


def _placed(p: Process, found: Options, act: object) -> int:
    assert callable(act)
    if len(found.operands) < 2:
        word = "missing file operand" if not found.operands else (
            f"missing destination file operand after '{found.operands[0]}'")
        p.err(word)
        if p.gnu:
            p.stderr.write(f"Try '{p.name} --help' for more information.\n".encode())
        return 1
    *sources, place = found.operands
    into = p.files.is_dir(p.at(place)) and "T" not in found
    if len(sources) > 1 and not into:
        return p.err(f"target '{place}': No such file or directory" if p.files.find(p.at(place)) is None else
                     f"target '{place}' is not a directory")
    status = 0
    for source in sources:
        name = source.rstrip("/").rpartition("/")[2]
        target = f"{place.rstrip('/')}/{name}" if into and name not in ("", ".", "..") else place
        status = int(act(p, source, target, found)) or status
    return status


def _same(p: Process, source: str, target: str) -> bool:
    try:
        return p.files.real(p.at(source)) == p.files.real(p.at(target)) and p.files.find(p.at(target)) is not None
    except FsError:
        return False


def _copy_one(p: Process, source: str, target: str, found: Options) -> int:
    deep = found.any("a", "R", "r")
    keep = found.any("a", "p", "preserve")
    links = found.any("a", "d", "P") or (deep and "L" not in found)
    try:
        there = p.files.stat(p.at(source), follow=not links)
    except FsError as error:
        verb = "cannot stat" if p.gnu else "can't stat"
        return p.err(f"{verb} {quoted(source, True)}: {reason(error)}")
    if there.kind is Kind.DIRECTORY and not deep:
        return p.err(f"-r not specified; omitting directory '{source}'" if p.gnu else f"omitting directory '{source}'")
    if _same(p, source, target):
        return p.err(f"'{source}' and '{target}' are the same file")
    if "n" in found and p.files.find(p.at(target), False) is not None:
        return 0
    try:
        copied(p, source, target, keep, links)
    except FsError as error:
        return p.err(f"cannot create regular file '{target}': {reason(error)}" if p.gnu else
                     f"can't create '{target}': {reason(error)}")
    if "v" in found:
        p.line(f"'{source}' -> '{target}'")
    return 0


def copied(p: Process, source: str, target: str, keep: bool, links: bool) -> None:
    """Copy a tree; hard links in it stay hard links where attributes are kept."""
    top, place = p.at(source), p.at(target)
    if (place.rstrip("/") + "/").startswith(top.rstrip("/") + "/"):
        raise FsError(errno.EINVAL, target)
    made: dict[int, str] = {}
    folders: list[tuple[str, Stat]] = []
    for at, found in list(p.files.walk(top if links else p.files.real(top))):
        base = top if links else p.files.real(top)
        to = place + at[len(base):]
        if keep and found.nlink > 1 and found.kind is Kind.FILE and found.ino in made:
            p.files.link(made[found.ino], to)
            continue
        made.setdefault(found.ino, to)
        _copied_entry(p, at, to, found)
        if found.kind is Kind.DIRECTORY:
            folders.append((to, found))
        elif keep:
            _kept(p, to, found)
    for to, found in reversed(folders):
        if keep:
            _kept(p, to, found)


def _copied_entry(p: Process, at: str, to: str, found: Stat) -> None:
    files = p.files
    if found.kind is Kind.DIRECTORY:
        if not files.is_dir(to):
            files.mkdir(to, found.mode & 0o1777)
        return
    there = files.find(to, follow=False)
    if found.kind is Kind.FILE:
        files.write(to, files.data(at), mode=found.mode)
        return
    if there is not None:
        files.unlink(to)
    if found.kind is Kind.SYMLINK:
        files.symlink(files.readlink(at), to)
    else:
        files.mknod(to, found.kind, found.mode, found.rdev)


def _kept(p: Process, to: str, found: Stat) -> None:
    if p.facts.uid == 0:
        p.files.chown(to, found.uid, found.gid, follow=False)
    if found.kind is not Kind.SYMLINK:
        p.files.chmod(to, found.mode)
    p.files.utime(to, found.mtime_ns, follow=False)


def _move_one(p: Process, source: str, target: str, found: Options) -> int:
    files, one, other = p.files, p.at(source), p.at(target)
    try:
        there = files.stat(one, follow=False)
    except FsError as error:
        return p.err(f"cannot stat {quoted(source, True)}: {reason(error)}" if p.gnu else
                     f"can't rename '{source}': {reason(error)}")
    if _same(p, source, target) and p.gnu:
        return p.err(f"'{source}' and '{target}' are the same file")
    old = files.find(other, follow=False)
    if "n" in found and old is not None:
        return 0
    if old is not None and there.kind is Kind.DIRECTORY and old.kind is not Kind.DIRECTORY:
        return p.err(f"cannot overwrite non-directory '{target}' with directory '{source}'" if p.gnu else
                     f"can't rename '{source}': Not a directory")
    try:
        try:
            files.rename(one, other)
        except FsError as error:
            if error.errno != errno.EXDEV:
                raise
            _moved_by_copy(p, source, target, there)
    except FsError as error:
        return p.err(f"cannot move '{source}' to '{target}': {reason(error)}" if p.gnu else
                     f"can't rename '{source}': {reason(error)}")
    if "v" in found:
        p.line(f"renamed '{source}' -> '{target}'")
    return 0


def _moved_by_copy(p: Process, source: str, target: str, there: Stat) -> None:
    copied(p, source, target, keep=True, links=True)
    for at, found in reversed(list(p.files.walk(p.at(source)))):
        (p.files.rmdir if found.kind is Kind.DIRECTORY else p.files.unlink)(at)


COPYING = {"cp": cp, "mv": mv}
