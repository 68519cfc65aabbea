r"""sed: a stream of lines, edited; in place, it writes a new file and renames it over the old one.

    sed -i s/a/b/ f        write sedXXXXXX, then rename it to f: what a lower layer has is hidden, not copied up
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..sh.flags import Usage, options
from ..sh.process import Process
from .patterns import compiled, reach
from .texts import inputs


@dataclass(frozen=True, slots=True)
class _Substitution:
    wanted: re.Pattern[str]
    text: str
    flags: str


@dataclass(frozen=True, slots=True)
class _Command:
    """One command of a script: which lines, what to do, with what."""

    addresses: tuple[str, ...]
    negated: bool
    verb: str
    text: str = ""
    change: _Substitution | None = None
    extended: bool = False


_ADDRESS = re.compile(r"\s*(\d+|\$|/(?:\\.|[^/\\])*/)")


def sed(p: Process) -> int:
    """`sed [-n] [-E] [-i[SUFFIX]] SCRIPT [FILE…]`: the commands s, d, p, q, a, i, c and addresses."""
    args = []
    suffix: str | None = None
    for arg in p.args:
        if arg.startswith("-i") or arg.startswith("--in-place"):
            suffix = arg[2:] if arg.startswith("-i") else arg.partition("=")[2]
        else:
            args.append(arg)
    p.args = args
    found = options(p, "nErse:", ("quiet|n", "regexp-extended|E", "expression=|e"))
    scripts = found.given.get("e", []) or found.operands[:1]
    paths = found.operands[0 if "e" in found else 1 :]
    if not scripts:
        raise Usage("no script")
    commands = _sed_script("\n".join(scripts), found.any("E", "r"))
    if suffix is None:
        data, status = [], 0
        for _, one in inputs(p, paths, "can't read {}"):
            status = 2 if one is None and p.gnu else 1 if one is None else status
            data.append(one or b"")
        p.out(_edited(b"".join(data), commands, "n" in found))
        return status
    status = 0
    for path, one in inputs(p, paths, "can't read {}"):
        if one is None:
            status = 2 if p.gnu else 1
            continue
        _in_place(p, path, _edited(one, commands, "n" in found), suffix)
    return status


def _in_place(p: Process, path: str, data: bytes, suffix: str) -> None:
    """Write a new file and rename it over the old one, as GNU sed does: the old one is not copied up."""
    at = p.at(path)
    old = p.files.stat(at)
    aside = at.rpartition("/")[0] + "/sed" + f"{p.files.now % 36**6:06x}"
    p.files.write(aside, data)
    p.files.chmod(aside, old.mode)
    if old.uid or old.gid:
        p.files.chown(aside, old.uid, old.gid)
    if suffix:
        p.files.rename(at, at + suffix)
    p.files.rename(aside, at)


def _sed_script(script: str, extended: bool) -> list[_Command]:
    commands: list[_Command] = []
    at = 0
    while at < len(script):
        if script[at] in " \t\n;":
            at += 1
            continue
        addresses: list[str] = []
        while (found := _ADDRESS.match(script, at)) and len(addresses) < 2:
            addresses.append(found.group(1))
            at = found.end()
            if script[at : at + 1] != ",":
                break
            at += 1
        negated = script[at : at + 1] == "!"
        at += negated
        verb = script[at : at + 1]
        at += 1
        text, change = "", None
        if verb == "s":
            change, at = _substitution(script, at, extended)
        elif verb in ("a", "i", "c"):
            end = script.find("\n", at)
            end = len(script) if end < 0 else end
            text, at = re.sub(r"^\s*\\?\n?", "", script[at:end]).lstrip(), end
        elif verb not in ("d", "p", "q", "="):
            raise Usage(f"-e expression #1, char {at}: unknown command: `{verb}' (or one that is not simulated)")
        rest = re.compile(r"[ \t]*([;\n}]|$)").match(script, at)
        if rest is None:
            raise Usage(f"-e expression #1, char {at + 1}: extra characters after command")
        for address in addresses:
            if address[0] == "/":
                compiled(address[1:-1], extended)
        commands.append(_Command(tuple(addresses), negated, verb, text, change, extended))
    return commands


def _substitution(script: str, at: int, extended: bool) -> tuple[_Substitution, int]:
    mark = script[at : at + 1]
    if not mark or mark in "\\\n":
        raise Usage(f"-e expression #1, char {at}: unterminated `s' command")
    parts: list[str] = []
    now = ""
    at += 1
    while at < len(script) and len(parts) < 2:
        if script[at] == "\\" and at + 1 < len(script):
            now += script[at + 1] if script[at + 1] == mark and mark not in "123456789&" else script[at : at + 2]
            at += 2
        elif script[at] == mark:
            parts.append(now)
            now = ""
            at += 1
        else:
            now += script[at]
            at += 1
    if len(parts) < 2:
        raise Usage(f"-e expression #1, char {at}: unterminated `s' command")
    flags = re.compile(r"[gpiI0-9]*").match(script, at)
    assert flags is not None
    made = compiled(parts[0], extended, flags=re.IGNORECASE if "i" in flags.group().lower() else 0)
    return _Substitution(made, parts[1], flags.group()), flags.end()


def _replacement(found: re.Match[str], text: str) -> str:
    def one(escape: re.Match[str]) -> str:
        word = escape.group()
        if word == "&":
            return found.group()
        if word[1].isdigit():
            return (found.group(int(word[1])) or "") if int(word[1]) <= (found.re.groups) else ""
        return {"n": "\n", "t": "\t"}.get(word[1], word[1])

    return re.sub(r"&|\\.", one, text, flags=re.DOTALL)


def _edited(data: bytes, commands: list[_Command], quiet: bool) -> bytes:
    text = data.decode("utf-8", "surrogateescape")
    lines = text.splitlines()
    made: list[str] = []
    inside: set[int] = set()
    for number, line in enumerate(lines, 1):
        stop = _line(line, number, len(lines), commands, inside, made, quiet)
        if stop:
            break
    ended = text.endswith("\n") or not text
    return ("\n".join(made) + ("\n" if made and ended else "")).encode("utf-8", "surrogateescape")


def _line(
    line: str, at: int, last: int, commands: list[_Command], inside: set[int], made: list[str], quiet: bool
) -> bool:
    """Do all commands on one line; say whether the script stops here."""
    after: list[str] = []
    stop = False
    for which, one in enumerate(commands):
        if _selected(one, at, last, line, inside, which) == one.negated:
            continue
        if one.change is not None:
            line = _substituted(line, one.change, made)
        elif one.verb in ("d", "c"):
            made += [one.text] * (one.verb == "c")
            made += after
            return False
        elif one.verb == "a":
            after.append(one.text)
        elif one.verb == "q":
            stop = True
            break
        else:
            made.append({"p": line, "=": str(at), "i": one.text}[one.verb])
    if not quiet:
        made.append(line)
    made += after
    return stop


def _substituted(line: str, change: _Substitution, made: list[str]) -> str:
    which = int("".join(char for char in change.flags if char.isdigit())[:6] or 1)
    count = 0

    def one(found: re.Match[str]) -> str:
        nonlocal count
        count += 1
        if count < which or (count > which and "g" not in change.flags):
            return found.group()
        return _replacement(found, change.text)

    far = reach(change.wanted)
    new = change.wanted.sub(one, line[:far]) + line[far:]
    if "p" in change.flags and count >= which:
        made.append(new)
    return new


def _selected(command: _Command, at: int, last: int, line: str, inside: set[int], which: int) -> bool:
    def meets(address: str) -> bool:
        if address == "$":
            return at == last
        if address[0] == "/":
            wanted = compiled(address[1:-1], command.extended)
            return wanted.search(line[: reach(wanted)]) is not None
        return at == int(address[:9])

    addresses = command.addresses
    if len(addresses) < 2:
        return not addresses or meets(addresses[0])
    ends = addresses[1]
    past = ends.isdecimal() and at >= int(ends[:9])
    if which in inside:
        if past or meets(ends):
            inside.discard(which)
        return True
    if not meets(addresses[0]):
        return False
    if not past:
        inside.add(which)
    return True


SED = {"sed": sed}
