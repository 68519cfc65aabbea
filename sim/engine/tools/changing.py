"""Commands that make, remove and change files: each is a few operations on the mount, at the mount's real cost."""

from __future__ import annotations

import re

from ...content.data import Inline
from ...content.splice import resized
from ...errors import FsError
from ...fs.entry import Kind
from ...union.overlay import Stat
from ..sh.flags import Options, Usage, number, options
from ..sh.process import Process, reason
from .shown import names, quoted

_CLAUSE = re.compile(r"([ugoa]*)([-+=][rwxXst]*|[-+=][ugo])+")


def _needs(p: Process, found: Options, count: int = 1, what: str = "operand") -> bool:
    """Complain of missing operands; say whether they are missing."""
    if len(found.operands) >= count:
        return False
    p.err(f"missing {what}" if not found.operands else f"missing {what} after '{found.operands[-1]}'")
    if p.gnu:
        p.stderr.write(f"Try '{p.name} --help' for more information.\n".encode())
    return True


def touch(p: Process) -> int:
    """`touch [-c] [-d TIME] [-t TIME] [-r FILE] FILE…`."""
    found = options(p, "camd:t:r:h", ("no-create|c", "date=|d", "reference=|r"))
    if _needs(p, found, what="file operand"):
        return 1
    when = None
    if found.any("d", "t"):
        when = _when(found.value("d", "t"), p.files.now)
    if "r" in found:
        when = p.files.stat(p.at(found.value("r"))).mtime_ns
    status = 0
    for path in found.operands:
        at = p.at(path)
        try:
            if p.files.find(at) is None:
                if "c" in found:
                    continue
                p.files.write(at, b"", append=True)
                if when is None:
                    continue
            p.files.utime(at, when)
        except FsError as error:
            before = f"cannot touch {quoted(path, True)}" if p.gnu else path
            status = p.err(f"{before}: {reason(error)}")
    return status


def _when(text: str, now: int) -> int:
    if re.fullmatch(r"@-?\d{1,12}", text):
        return int(text[1:]) * 10**9
    found = re.fullmatch(r"(\d{4})-?(\d\d)-?(\d\d)(?:[T ]?(\d\d):?(\d\d)(?:[:.]?(\d\d))?)?(?:Z| ?UTC)?", text.strip())
    if text == "now":
        return now
    if found is None:
        raise Usage(f"invalid date format '{text[:40]}' (the simulator knows @SECONDS and YYYY-MM-DD hh:mm:ss)")
    from datetime import UTC, datetime

    try:
        at = datetime(*(int(part or 0) for part in found.groups()), tzinfo=UTC)  # type: ignore[arg-type,misc]
    except ValueError:
        raise Usage(f"invalid date format '{text[:40]}'") from None
    return int(at.timestamp()) * 10**9


def mkdir(p: Process) -> int:
    """`mkdir [-p] [-v] [-m MODE] DIRECTORY…`."""
    found = options(p, "pvm:", ("parents|p", "verbose|v", "mode=|m"))
    if _needs(p, found):
        return 1
    mode = parsed_mode(found.value("m"), 0o777, True) if "m" in found else None
    status = 0
    for path in found.operands:
        try:
            if "p" in found:
                _parents(p, path)
            else:
                p.files.mkdir(p.at(path))
            if mode is not None:
                p.files.chmod(p.at(path), mode)
            if "v" in found:
                p.line(f"mkdir: created directory '{path}'")
        except FsError as error:
            status = p.err(f"cannot create directory ‘{path}’: {reason(error)}" if p.gnu else
                           f"can't create directory '{path}': {reason(error)}")
    return status


def _parents(p: Process, path: str) -> None:
    at = "/" if path.startswith("/") else ""
    for part in filter(None, path.split("/")):
        at += part
        if not p.files.is_dir(p.at(at)):
            p.files.mkdir(p.at(at))
        at += "/"


def rmdir(p: Process) -> int:
    """`rmdir [-p] DIRECTORY…`."""
    found = options(p, "pv", ("ignore-fail-on-non-empty", "parents|p"))
    if _needs(p, found):
        return 1
    status = 0
    for path in found.operands:
        todo = [path]
        while "p" in found and "/" in todo[-1].strip("/"):
            todo.append(todo[-1].rstrip("/").rpartition("/")[0])
        for one in todo:
            try:
                p.files.rmdir(p.at(one))
            except FsError as error:
                status = p.err(f"failed to remove '{one}': {reason(error)}" if p.gnu else f"'{one}': {reason(error)}")
                break
    return status


def rm(p: Process) -> int:
    """`rm [-rfv] FILE…`; of `-i` nobody is asked."""
    found = options(p, "rRfvid", ("recursive|r", "force|f", "verbose|v", "dir|d", "no-preserve-root"))
    force = "f" in found
    if not found.operands:
        return 0 if force else int(_needs(p, found))
    status = 0
    for path in found.operands:
        if path.rstrip("/").rpartition("/")[2] in (".", "..") and path.strip("/"):
            status = p.err(f"refusing to remove '.' or '..' directory: skipping '{path}'" if p.gnu else
                           "can't remove '.' or '..'")
            continue
        if not path.strip("/") and path and found.any("r", "R") and p.gnu and "no-preserve-root" not in found:
            p.err("it is dangerous to operate recursively on '/'")
            status = p.err("use --no-preserve-root to override this failsafe")
            continue
        status = _rm(p, path, found.given, force) or status
    return status


def _rm(p: Process, path: str, given: dict[str, list[str]], force: bool) -> int:
    at = p.at(path)
    try:
        there = p.files.stat(at, follow=False)
    except FsError as error:
        missing = reason(error) == "No such file or directory"
        if force and missing:
            return 0
        return p.err(f"cannot remove {quoted(path, True)}: {reason(error)}" if p.gnu else
                     f"can't {'remove' if missing else 'stat'} '{path}': {reason(error)}")
    if there.kind is not Kind.DIRECTORY:
        return _removed(p, path, at, p.files.unlink, given)
    if "d" in given and not ("r" in given or "R" in given):
        return _removed(p, path, at, p.files.rmdir, given)
    if not ("r" in given or "R" in given):
        return p.err(f"cannot remove '{path}': Is a directory" if p.gnu else f"'{path}' is a directory")
    status = 0
    for below, found in reversed(list(p.files.walk(at))):
        gone = p.files.rmdir if found.kind is Kind.DIRECTORY else p.files.unlink
        status = _removed(p, path + below[len(at):], below, gone, given) or status
    return status


def _removed(p: Process, path: str, at: str, gone: object, given: dict[str, list[str]]) -> int:
    assert callable(gone)
    try:
        gone(at)
    except FsError as error:
        return p.err(f"cannot remove '{path}': {reason(error)}" if p.gnu else f"can't remove '{path}': {reason(error)}")
    if "v" in given:
        p.line(f"removed '{path}'")
    return 0


def ln(p: Process) -> int:
    """`ln [-sfn] TARGET… [LINK|DIRECTORY]`."""
    found = options(p, "sfnvrT", ("symbolic|s", "force|f", "no-dereference|n"))
    if _needs(p, found, what="file operand"):
        return 1
    targets, place = found.operands[:-1], found.operands[-1]
    if not targets:
        targets, place = [place], "."
    into = p.files.is_dir(p.at(place)) and not ("n" in found and p.files.stat(p.at(place), False).kind is Kind.SYMLINK)
    status = 0
    for target in targets:
        path = f"{place.rstrip('/')}/{target.rstrip('/').rpartition('/')[2]}" if into else place
        kind = "symbolic" if "s" in found else "hard"
        try:
            if "s" not in found and p.files.stat(p.at(target), False).kind is Kind.DIRECTORY and p.gnu:
                status = p.err(f"{target}: hard link not allowed for directory")
                continue
            if "f" in found and p.files.find(p.at(path), False) is not None:
                p.files.unlink(p.at(path))
            if "s" in found:
                p.files.symlink(target, p.at(path))
            else:
                p.files.link(p.at(target), p.at(path))
        except FsError as error:
            status = p.err(f"failed to create {kind} link '{path}': {reason(error)}" if p.gnu else
                           f"{path}: {reason(error)}")
    return status


def parsed_mode(text: str, before: int, directory: bool) -> int:
    """Return the mode that chmod's argument makes of another; `Usage` where it is none.

    Examples
    --------
    >>> oct(parsed_mode("u+x,go-w", 0o666, False)), oct(parsed_mode("755", 0, False))
    ('0o744', '0o755')
    """
    if re.fullmatch(r"[0-7]{1,4}", text):
        return int(text, 8)
    mode = before
    for clause in text.split(","):
        if not _CLAUSE.fullmatch(clause):
            raise Usage(f"invalid mode: ‘{text[:40]}’")
        who = re.match(r"[ugoa]*", clause)
        assert who is not None
        for op, letters in re.findall(r"([-+=])([rwxXstugo]*)", clause[who.end():]):
            mode = _changed_mode(mode, who.group(), op, letters, directory)
    return mode


def _changed_mode(mode: int, who: str, op: str, letters: str, directory: bool) -> int:
    everybody = not who or "a" in who
    classes = [shift for letter, shift in (("u", 6), ("g", 3), ("o", 0)) if everybody or letter in who]
    bits = sum({"r": 4, "w": 2, "x": 1}.get(letter, 0) for letter in set(letters))
    if "X" in letters and (directory or mode & 0o111):
        bits |= 1
    for letter, shift in (("u", 6), ("g", 3), ("o", 0)):
        if letter in letters:
            bits |= mode >> shift & 7
    mask = 0
    for shift in classes:
        mask |= bits << shift
    if not who:
        # Without a letter the umask's bits are left alone (POSIX, chmod).
        mask &= ~0o022 | 0o755
    if "s" in letters:
        mask |= (0o4000 if 6 in classes else 0) | (0o2000 if 3 in classes else 0)
    if "t" in letters:
        mask |= 0o1000
    if op == "=":
        return mode & ~sum(7 << shift for shift in classes) | mask
    return mode | mask if op == "+" else mode & ~mask


def chmod(p: Process) -> int:
    """`chmod [-R] MODE FILE…`."""
    args = [f"--mode={arg}" if re.fullmatch(r"-[rwxst]+", arg) and "R" not in arg else arg for arg in p.args]
    p.args = args
    found = options(p, "Rvfc", ("recursive|R", "mode=", "verbose|v"))
    words = [f"{found.value('mode')}", *found.operands] if "mode" in found else found.operands
    if len(words) < 2:
        found.operands = words
        return int(_needs(p, found, 2))
    try:
        parsed_mode(words[0], 0, False)
    except Usage as error:
        p.err(str(error) if p.gnu else f"invalid mode '{words[0]}'")
        return 1
    return _each(p, words[1:], "R" in found, lambda at, there: p.files.chmod(
        at, parsed_mode(words[0], there.mode, there.kind is Kind.DIRECTORY)), "changing permissions of")


def chown(p: Process) -> int:
    """`chown [-Rh] USER[:GROUP] FILE…`, `chgrp GROUP FILE…`."""
    found = options(p, "Rhv", ("recursive|R", "no-dereference|h"))
    if _needs(p, found, 2):
        return 1
    user, _, group = found.operands[0].partition(":")
    if p.name == "chgrp":
        user, group = "", user
    ids = []
    for word, path, kind in ((user, "/etc/passwd", "user"), (group, "/etc/group", "group")):
        known = {name: key for key, name in names(p.files, path).items()}
        if not word:
            ids.append(-1)
        elif word in known or (word.isdecimal() and len(word) < 11):
            ids.append(known.get(word, int(word) if word.isdecimal() else 0))
        else:
            return p.err(f"invalid {kind}: ‘{found.operands[0]}’" if p.gnu else f"unknown {kind} {word}")
    follow = "h" not in found
    return _each(p, found.operands[1:], "R" in found, lambda at, there: p.files.chown(
        at, ids[0], ids[1], follow and "R" not in found), "changing ownership of")


def _each(p: Process, paths: list[str], deep: bool, change: object, doing: str) -> int:
    assert callable(change)
    status = 0
    for path in paths:
        at = p.at(path)
        try:
            there = p.files.stat(at)
            todo: list[tuple[str, Stat]] = list(p.files.walk(at)) if deep else [(at, there)]
        except FsError as error:
            status = p.err(f"cannot access '{path}': {reason(error)}" if p.gnu else f"{path}: {reason(error)}")
            continue
        for below, found in todo:
            if deep and found.kind is Kind.SYMLINK and doing.startswith("changing p"):
                continue
            try:
                change(below, found)
            except FsError as error:
                status = p.err(f"{doing} '{path + below[len(at):]}': {reason(error)}" if p.gnu else
                               f"{path}: {reason(error)}")
    return status


def truncate(p: Process) -> int:
    """`truncate -s SIZE FILE…`."""
    found = options(p, "cs:", ("size=|s", "no-create|c"))
    if "s" not in found:
        p.err("you must specify either ‘--size’ or ‘--reference’")
        return 1
    value = found.value("s")
    size = number(value.lstrip("+-<>/%"), "Invalid number")
    for path in found.operands:
        at = p.at(path)
        there = p.files.find(at)
        if there is None:
            if "c" in found:
                continue
            p.files.write(at, b"", append=True)
        have = 0 if there is None else there.size
        p.files.truncate(at, max(0, have + size if value[0] == "+" else have - size if value[0] == "-" else size))
    return 0


def dd(p: Process) -> int:
    """`dd if=FILE of=FILE bs=N count=N`: zeros and random bytes are as many as are asked for."""
    words = dict(word.partition("=")[::2] for word in p.args)
    unknown = set(words) - {"if", "of", "bs", "count", "status", "conv", "oflag", "iflag"}
    if unknown:
        raise Usage(f"unrecognized operand ‘{min(unknown)}’ (or one that is not simulated)")
    block = number(words.get("bs", "512"), "invalid number")
    count = number(words["count"], "invalid number") if "count" in words else None
    source = words.get("if", "")
    if block <= 0:
        raise Usage("invalid number: ‘0’")
    if source in ("/dev/zero", "/dev/urandom", "/dev/random"):
        if count is None:
            raise Usage(f"{source} never ends: give count=N")
        size = block * count
        data = resized(Inline(b""), size)
    else:
        data = Inline(p.input()) if not source else p.files.data(p.at(source))
        size = data.size if count is None else min(data.size, block * count)
        data = data if size == data.size else Inline(data.read(0, size))
    if "of" in words:
        p.files.write(p.at(words["of"]), data)
    else:
        p.out(data.read())
    if words.get("status") != "none":
        full, part = divmod(size, block)
        p.stderr.write(f"{full}+{bool(part):d} records in\n{full}+{bool(part):d} records out\n".encode())
        p.stderr.write(f"{size} bytes copied\n".encode())
    return 0


def sync(p: Process) -> int:
    """`sync`: all is written already."""
    return 0


CHANGING = {
    "touch": touch, "mkdir": mkdir, "rmdir": rmdir, "rm": rm, "unlink": rm, "ln": ln, "chmod": chmod, "chown": chown,
    "chgrp": chown, "truncate": truncate, "dd": dd, "sync": sync,
}
