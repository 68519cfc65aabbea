"""Commands about the machine and the process: env, id, uname, date, ps ... A container's kernel is its host's."""

from __future__ import annotations

import re

from ..mounts import SEARCH
from ..sh.builtin import BUILTINS, false, true
from ..sh.flags import Usage, number, options
from ..sh.process import Forever, Process
from ..sh.programs import find
from .shown import SECOND, moment, names

_MACHINES = {"amd64": "x86_64", "386": "i686", "arm64": "aarch64"}
_VERSION = "#1 SMP PREEMPT_DYNAMIC Debian 6.1.90-1 (2024-05-03)"


def env(p: Process) -> int:
    """`env [-i] [NAME=VALUE…] [COMMAND…]`, `printenv [NAME…]`."""
    args = list(p.args)
    values = dict(p.env)
    while args and (args[0] in ("-i", "-", "-u") or re.match(r"[A-Za-z_]\w*=", args[0])) and p.name == "env":
        word = args.pop(0)
        if word in ("-i", "-"):
            values = {}
        elif word == "-u":
            values.pop(args.pop(0) if args else "", None)
        else:
            name, _, value = word.partition("=")
            values[name] = value
    if p.name == "printenv" and args:
        found = [values[name] for name in args if name in values]
        for value in found:
            p.line(value)
        return 0 if len(found) == len(args) else 1
    if not args:
        for name, value in values.items():
            p.line(f"{name}={value}")
        return 0
    inner = p.shell.child()
    inner.vars, inner.exported = dict(values), set(values)
    if find(inner, args[0]) is None and (p.facts.own_programs or args[0] not in p.shell.table):
        p.err(f"‘{args[0]}’: No such file or directory" if p.gnu else
              f"can't execute '{args[0]}': No such file or directory")
        return 127
    return inner.call(args, p.shell.streams, {})


def identity(p: Process) -> int:
    """`id [-ugn] [USER]`."""
    found = options(p, "ugGnr")
    users, groups = names(p.files, "/etc/passwd"), names(p.files, "/etc/group")
    uid, gid = p.facts.uid, p.facts.gid
    if found.operands:
        numbers = {name: number_ for number_, name in users.items()}
        if found.operands[0] not in numbers:
            who = found.operands[0]
            return p.err(f"‘{who}’: no such user" if p.gnu else f"unknown user {who}")
        uid = gid = numbers[found.operands[0]]
    if found.any("u", "g", "G"):
        value, known = (uid, users) if "u" in found else (gid, groups)
        p.line(known.get(value, str(value)) if "n" in found else str(value))
        return 0
    user = f"uid={uid}" + (f"({users[uid]})" if uid in users else "")
    group = f"gid={gid}" + (f"({groups[gid]})" if gid in groups else "")
    p.line(f"{user} {group} groups={group.removeprefix('gid=')}")
    return 0


def whoami(p: Process) -> int:
    """`whoami`."""
    name = names(p.files, "/etc/passwd").get(p.facts.uid)
    if name is None:
        return p.err(f"cannot find name for user ID {p.facts.uid}" if p.gnu else f"unknown uid {p.facts.uid}")
    p.line(name)
    return 0


def uname(p: Process) -> int:
    """`uname [-asnrvmpio]`: the kernel is the host's, in every container."""
    found = options(p, "asnrvmpio", ("all|a", "kernel-name|s", "nodename|n", "kernel-release|r", "machine|m"))
    kernel = p.facts.kernel
    machine = _MACHINES.get(kernel.architecture, kernel.architecture)
    values = {"s": "Linux", "n": p.facts.hostname, "r": kernel.release, "v": _VERSION, "m": machine,
              "o": "GNU/Linux" if p.gnu else "Linux"}
    letters = "snrvmo" if "a" in found else "".join(letter for letter in values if letter in found) or "s"
    p.line(" ".join(values[letter] for letter in letters))
    return 0


def arch(p: Process) -> int:
    """`arch`."""
    p.line(_MACHINES.get(p.facts.kernel.architecture, p.facts.kernel.architecture))
    return 0


def hostname(p: Process) -> int:
    """`hostname`; setting it needs a privilege that a container has not."""
    found = options(p, "sfiId")
    if found.operands:
        return p.err("you must be root to change the host name" if p.gnu else "sethostname: Operation not permitted")
    p.line("172.17.0.2 " if found.any("i", "I") and p.facts.own_programs else p.facts.hostname)
    return 0


def date(p: Process) -> int:
    """`date [-u] [-d @SECONDS] [+FORMAT]`: the simulated clock, UTC."""
    found = options(p, "ud:Rs:", ("date=|d", "utc|u", "iso-8601"))
    if "s" in found:
        return p.err("cannot set date: Operation not permitted")
    at = p.files.now
    if "d" in found:
        value = found.value("d")
        if not re.fullmatch(r"@-?\d{1,11}", value):
            raise Usage(f"invalid date ‘{value[:40]}’ (the simulator knows @SECONDS)")
        at = int(value[1:]) * SECOND
    form = found.operands[0][1:] if found.operands and found.operands[0].startswith("+") else None
    if form is None:
        p.line(f"{moment(at):%a %b} {moment(at).day:2} {moment(at):%H:%M:%S UTC %Y}")
        return 0
    when = moment(at)
    known = {"%s": str(at // SECOND), "%N": f"{at % SECOND:09}", "%n": "\n", "%t": "\t", "%%": "%", "%Z": "UTC",
             "%z": "+0000", "%F": f"{when:%Y-%m-%d}", "%T": f"{when:%H:%M:%S}", "%e": f"{when.day:2}",
             "%D": f"{when:%m/%d/%y}", "%R": f"{when:%H:%M}"}
    p.line(re.sub("%.", lambda one: known.get(one.group()) or (
        when.strftime(one.group()) if one.group()[1] in "YmdHMSyjaAbBpIUuwk" else one.group()), form))
    return 0


def uptime(p: Process) -> int:
    """`uptime`."""
    p.line(f" {moment(p.files.now):%H:%M:%S} up 2 days,  3:14,  0 users,  load average: 0.00, 0.00, 0.00")
    return 0


def ps(p: Process) -> int:
    """`ps [aux|-ef]`: the processes of this container, not of its host."""
    own = max((pid for pid, _ in p.facts.processes), default=0) + 7
    rows = [*p.facts.processes, (own, " ".join([p.name, *p.args]))]
    clock = f"{moment(p.files.now):%H:%M}"
    user = names(p.files, "/etc/passwd").get(p.facts.uid, str(p.facts.uid))
    words = "".join(p.args)
    if not p.gnu:
        p.line("PID   USER     TIME  COMMAND")
        for pid, command in rows:
            p.line(f"{pid:5} {user:<8}  0:00 {command}")
    elif "u" in words:
        p.line("USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND")
        for pid, command in rows:
            p.line(f"{user:<8} {pid:7}  0.0  0.0   4624  3600 ?        Ss   {clock}   0:00 {command}")
    elif "e" in words:
        p.line("UID          PID    PPID  C STIME TTY          TIME CMD")
        for pid, command in rows:
            p.line(f"{user:<8} {pid:7} {0 if pid == 1 else 1:7}  0 {clock} ?        00:00:00 {command}")
    else:
        p.line("    PID TTY          TIME CMD")
        for pid, command in rows:
            p.line(f"{pid:7} {'pts/0' if p.facts.tty else '?':<8} 00:00:00 {command.split(' ')[0].rpartition('/')[2]}")
    return 0


def which(p: Process) -> int:
    """`which NAME…`."""
    status = 0
    for name in options(p, "a").operands:
        path = find(p.shell, name)
        if path is None and not p.facts.own_programs and name in p.shell.table:
            path = f"/usr/bin/{name}"
        if path is not None and (not p.facts.own_programs or p.files.may(path, SEARCH)):
            p.line(path)
        else:
            status = 1
    return status


def sleep(p: Process) -> int:
    """`sleep N[smhd]…`: virtual time passes."""
    if not p.args:
        p.err("missing operand")
        return 1
    total = 0.0
    for word in p.args:
        found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)([smhd]?)", word)
        if word == "infinity" or word == "inf":
            raise Forever
        if found is None:
            return p.err(f"invalid time interval ‘{word}’" if p.gnu else f"invalid number '{word}'")
        total += float(found.group(1)) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}[found.group(2)]
    p.spend(round(total * SECOND))
    p.shell.shared.slept = True
    return 0


def free(p: Process) -> int:
    """`free [-m]`: the host's memory; a container is not told of its limit."""
    unit = 1024 if "-m" in p.args else 1
    p.line("               total        used        free      shared  buff/cache   available")
    values = (8_141_232, 812_404, 5_914_208, 9_120, 1_414_620, 7_051_976)
    p.line("Mem:    " + "".join(f"{value // unit:12}" for value in values))
    return 0


def nproc(p: Process) -> int:
    """`nproc`."""
    p.line("2")
    return 0


def tty(p: Process) -> int:
    """`tty`."""
    p.line("/dev/pts/0" if p.facts.tty else "not a tty")
    return 0 if p.facts.tty else 1


def kill(p: Process) -> int:
    """`kill [-SIGNAL] PID…` inside a container: its processes other than this shell are not modelled."""
    found = [word for word in p.args if not word.startswith("-")]
    if not found:
        raise Usage("usage: kill [-s sigspec | -n signum | -sigspec] pid")
    known = {str(pid) for pid, _ in p.facts.processes}
    gone = [pid for pid in found if pid not in known]
    for pid in gone:
        p.err(f"({pid}) - No such process" if p.gnu else f"can't kill pid {pid}: No such process")
    if not gone:
        p.err("signals inside a container are not simulated: use docker stop or docker kill from the host")
    return 1


def timeout(p: Process) -> int:
    """`timeout N COMMAND…`."""
    found = options(p, "s:k:", permute=False)
    if len(found.operands) < 2:
        raise Usage("missing operand")
    seconds = number(found.operands[0].rstrip("s"), "invalid time interval")
    try:
        return p.shell.call(found.operands[1:], p.shell.streams, {})
    except Forever:
        p.spend(seconds * SECOND)
        return 124


def xargs(p: Process) -> int:
    """`xargs [-0r] [-n N] [-I WORD] COMMAND…`."""
    found = options(p, "0rn:I:t", permute=False)
    text = p.input().decode("utf-8", "surrogateescape")
    words = [word for word in (text.split("\0") if "0" in found else text.splitlines() if "I" in found
                               else text.split()) if word]
    command = found.operands or ["echo"]
    if not words and ("r" in found or "I" in found):
        return 0
    if "I" in found:
        mark = found.value("I")
        groups = [[one.replace(mark, word) for one in command] for word in words[:10_000]]
    else:
        size = number(found.value("n", default="5000"), "invalid number") or 1
        groups = [command + words[at : at + size] for at in range(0, max(1, len(words)), max(1, size))]
    worst = 0
    for argv in groups:
        status = p.shell.call(argv, p.shell.streams, {})
        worst = 123 if status else worst
    return worst


def clear(p: Process) -> int:
    """`clear`."""
    p.out("\x1b[H\x1b[2J")
    return 0


def shell(p: Process) -> int:
    """`sh`, `bash`, `ash`: `-c TEXT`, a script, or what standard input says."""
    from ..sh.nested import nested

    return nested(p)


def yes(p: Process) -> int:
    """`yes [TEXT]`: as much as one stream takes."""
    line = (" ".join(p.args) or "y") + "\n"
    p.out(line * ((1 << 16) // len(line.encode("utf-8", "surrogateescape"))))
    return 0



SYSTEM = {
    "env": env, "printenv": env, "id": identity, "whoami": whoami, "uname": uname, "arch": arch, "hostname": hostname,
    "date": date, "uptime": uptime, "ps": ps, "which": which, "sleep": sleep, "free": free, "nproc": nproc, "tty": tty,
    "kill": kill, "timeout": timeout, "xargs": xargs, "clear": clear, "sh": shell, "bash": shell, "dash": shell,
    "ash": shell, "yes": yes, "true": true, "false": false, "echo": BUILTINS["echo"], "printf": BUILTINS["printf"],
    "test": BUILTINS["test"], "[": BUILTINS["["], "pwd": BUILTINS["pwd"],
}
