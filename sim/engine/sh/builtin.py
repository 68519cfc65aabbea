"""Commands that a shell has in itself: those that change it, and those that need no files."""

from __future__ import annotations

import errno
import re

from ...errors import FsError
from ...fs.entry import Kind
from ..mounts import SEARCH
from .conditions import bracket, test
from .echo import echo, printf
from .process import CommandFunction, Process, reason
from .programs import find, run_program
from .signals import Break, Continue, Exit, Return

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _complain(p: Process, bash: str, dash: str, ash: str = "") -> int:
    p.shell.say(p.shell.dialect.builtin(p.shell.line, p.name, bash, dash, ash), p.shell.streams)
    return p.shell.dialect.misuse


def true(p: Process) -> int:
    """`true` and `:`."""
    return 0


def false(p: Process) -> int:
    """`false`."""
    return 1


def cd(p: Process) -> int:
    """`cd [DIRECTORY | -]`."""
    shell = p.shell
    args = [arg for arg in p.args if arg not in ("-L", "-P", "--")]
    if len(args) > 1 and shell.dialect.kind == "bash":
        return _complain(p, "too many arguments", "")
    target = args[0] if args else shell.vars.get("HOME", "/root")
    if target == "-":
        target = shell.vars.get("OLDPWD", "")
        if not target:
            return _complain(p, "OLDPWD not set", "can't cd to -")
        p.line(target)
    try:
        found = p.files.stat(p.at(target or "."))
        if found.kind is not Kind.DIRECTORY:
            raise FsError(errno.ENOTDIR, target)
        if not p.files.may(p.at(target or "."), SEARCH):
            raise FsError(errno.EACCES, target)
    except FsError as error:
        return _complain(
            p, f"{target}: {reason(error)}", f"can't cd to {target}", f"can't cd to {target}: {reason(error)}"
        )
    shell.assign("OLDPWD", shell.cwd)
    shell.cwd = _logical(p.at(target or "."))
    shell.assign("PWD", shell.cwd)
    return 0


def _logical(path: str) -> str:
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            parts[-1:] = []
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)


def pwd(p: Process) -> int:
    """`pwd [-P]`."""
    p.line(p.files.real(p.shell.cwd) if "-P" in p.args else p.shell.cwd)
    return 0


def export(p: Process) -> int:
    """`export [NAME[=VALUE]]…`."""
    shell = p.shell
    args = [arg for arg in p.args if arg != "-p"]
    if not args:
        for name in sorted(shell.exported & set(shell.vars)):
            value = shell.vars[name]
            p.line(f'declare -x {name}="{value}"' if shell.dialect.kind == "bash" else f"export {name}='{value}'")
        return 0
    status = 0
    for arg in args:
        name, equals, value = arg.partition("=")
        if not _NAME.fullmatch(name):
            status = _complain(p, f"`{arg}': not a valid identifier", f"{name}: bad variable name")
            continue
        if equals:
            shell.assign(name, value)
        shell.exported.add(name)
    return status


def local(p: Process) -> int:
    """`local NAME[=VALUE]…`, `readonly`, `declare`: sets variables; they are not taken back at a function's end."""
    for arg in p.args:
        name, equals, value = arg.partition("=")
        if equals and _NAME.fullmatch(name):
            p.shell.assign(name, value)
    return 0


def unset(p: Process) -> int:
    """`unset NAME…`."""
    for name in p.args:
        p.shell.vars.pop(name, None)
        p.shell.functions.pop(name, None)
        p.shell.exported.discard(name)
    return 0


def set_(p: Process) -> int:
    """`set [-eux] [-o NAME] [--] [ARGUMENT…]`."""
    shell, args = p.shell, list(p.args)
    if not args:
        for name in sorted(shell.vars):
            p.line(f"{name}='{shell.vars[name]}'" if re.search(r"[^\w/:.,=-]", shell.vars[name]) else
                   f"{name}={shell.vars[name]}")
        return 0
    names = {"errexit": "e", "nounset": "u", "xtrace": "x", "noglob": "f", "allexport": "a", "pipefail": "pipefail"}
    while args and args[0][:1] in "-+" and len(args[0]) > 1:
        word = args.pop(0)
        if word == "--":
            shell.args = args
            return 0
        on = word[0] == "-"
        letters = [*word[1:].replace("o", "")]
        if "o" in word[1:] and args:
            letters.append(names.get(args.pop(0), "-"))
        for letter in letters:
            (shell.options.add if on else shell.options.discard)(letter)
    if args:
        shell.args = args
    return 0


def shift(p: Process) -> int:
    """`shift [N]`."""
    count = int(p.args[0]) if p.args and p.args[0].isdecimal() and len(p.args[0]) < 6 else 1
    if count > len(p.shell.args):
        return 1 if p.shell.dialect.kind != "dash" else _complain(p, "", "can't shift that many")
    p.shell.args = p.shell.args[count:]
    return 0


def _code(p: Process) -> int:
    if not p.args:
        return p.shell.status
    if not p.args[0].lstrip("-").isdecimal() or len(p.args[0]) > 9:
        _complain(p, f"{p.args[0]}: numeric argument required", f"Illegal number: {p.args[0]}")
        return 2
    return int(p.args[0])


def exit_(p: Process) -> int:
    """`exit [CODE]`."""
    raise Exit(_code(p))


def return_(p: Process) -> int:
    """`return [CODE]`."""
    raise Return(_code(p))


def _levels(p: Process) -> int:
    return max(1, int(p.args[0])) if p.args and p.args[0].isdecimal() and len(p.args[0]) < 4 else 1


def break_(p: Process) -> int:
    """`break [N]`."""
    raise Break(_levels(p))


def continue_(p: Process) -> int:
    """`continue [N]`."""
    raise Continue(_levels(p))


def eval_(p: Process) -> int:
    """`eval WORDS`."""
    from .parser import parse

    return p.shell.run(parse(" ".join(p.args)), p.shell.streams)


def source(p: Process) -> int:
    """`. FILE`."""
    from .parser import parse

    if not p.args:
        return _complain(p, "filename argument required", "filename argument required") if p.shell.dialect.kind == (
            "bash") else 0
    try:
        script = p.files.read(p.at(p.args[0]), 1 << 20).decode("utf-8", "surrogateescape")
    except FsError as error:
        p.shell.say(p.shell.dialect.said(p.shell.line, f"{p.args[0]}: {reason(error)}"), p.shell.streams)
        return p.shell.dialect.misuse
    return p.shell.run(parse(script), p.shell.streams)


def exec_(p: Process) -> int:
    """`exec COMMAND`: the command takes the shell's place."""
    if not p.args:
        return 0
    raise Exit(run_program(p.shell, p.args, p.shell.streams, {}))


def command(p: Process) -> int:
    """`command [-v] NAME…`."""
    if p.args[:1] in (["-v"], ["-V"]):
        found = [described for name in p.args[1:] if (described := _where(p, name, p.args[0] == "-V"))]
        for line in found:
            p.line(line)
        return 0 if found else 127 if p.shell.dialect.kind != "bash" else 1
    args = [arg for arg in p.args if arg not in ("-p", "--")]
    return p.shell.call(args, p.shell.streams, {}) if args else 0


def type_(p: Process) -> int:
    """`type NAME…`."""
    status = 0
    for name in p.args:
        found = _where(p, name, True)
        if found:
            p.line(found)
        else:
            status = _complain(p, f"{name}: not found", "") if p.shell.dialect.kind == "bash" else 127
            if p.shell.dialect.kind != "bash":
                p.line(f"{name}: not found")
    return status


def _where(p: Process, name: str, words: bool) -> str:
    if name in p.shell.functions:
        return f"{name} is a function" if words else name
    if name in BUILTINS:
        return f"{name} is a shell builtin" if words else name
    path = find(p.shell, name)
    if path is None and not p.facts.own_programs and name in p.shell.table:
        path = f"/usr/bin/{name}"
    return "" if path is None else f"{name} is {path}" if words else path


def read(p: Process) -> int:
    """`read [-r] [-p PROMPT] NAME…`."""
    args = list(p.args)
    raw = False
    while args and args[0].startswith("-"):
        flag = args.pop(0)
        raw = raw or "r" in flag
        if flag == "-p" and args:
            p.stderr.write(args.pop(0).encode("utf-8", "surrogateescape"))
    line = p.stdin.line()
    text = (line or b"").decode("utf-8", "surrogateescape").rstrip("\n")
    if not raw:
        text = re.sub(r"\\(.)", r"\1", text)
    names = args or ["REPLY"]
    values = text.strip().split(None, len(names) - 1) if len(names) > 1 else [text.strip() if args else text]
    for name, value in zip(names, [*values, *[""] * len(names)], strict=False):
        p.shell.assign(name, value)
    return 0 if line is not None and line.endswith(b"\n") else 1


def umask(p: Process) -> int:
    """`umask [MODE]`."""
    if not p.args:
        p.line(p.shell.vars.get("", "0022"))
        return 0
    if not re.fullmatch(r"[0-7]{1,4}", p.args[0]):
        return _complain(p, f"{p.args[0]}: octal number out of range", f"Illegal mode: {p.args[0]}")
    # Kept under a name that no variable can have.
    p.shell.vars[""] = f"{int(p.args[0], 8):04o}"
    p.files.with_umask(int(p.args[0], 8) & 0o777)
    return 0


def nothing(p: Process) -> int:
    """Job control, traps, aliases: accepted, without effect."""
    return 0


def not_in_sh(p: Process) -> int:
    """`source` where the shell is dash, which has none."""
    if p.shell.dialect.kind == "dash":
        p.shell.say(p.shell.dialect.not_found(p.shell.line, "source"), p.shell.streams)
        return 127
    return source(p)


BUILTINS: dict[str, CommandFunction] = {
    ":": true, "true": true, "false": false, "cd": cd, "pwd": pwd, "export": export, "unset": unset, "set": set_,
    "shift": shift, "exit": exit_, "return": return_, "break": break_, "continue": continue_, "eval": eval_,
    ".": source, "source": not_in_sh, "exec": exec_, "command": command, "type": type_, "read": read, "umask": umask,
    "echo": echo, "printf": printf, "test": test, "[": bracket, "local": local, "readonly": local, "declare": local,
    "wait": nothing, "jobs": nothing, "trap": nothing, "alias": nothing, "unalias": nothing, "hash": nothing,
    "ulimit": nothing, "shopt": nothing, "history": nothing,
}  # fmt: skip
