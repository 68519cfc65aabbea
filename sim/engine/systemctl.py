"""systemctl, service and kill on a host: only docker's daemon is there to be managed.

    systemctl reload docker     SIGHUP: daemon.json is read again, containers go on
    systemctl restart docker    containers stop; those without a restart policy stay so: Exited (137)
"""

from __future__ import annotations

from .desk import Desk
from .lifecycle import reload, restart, started, stopped
from .sh.flags import Usage
from .sh.process import Process
from .world import World

DOCKERD_PID = 742
_UNITS = {"docker", "docker.service"}
_JOB_FAILED = (
    "Job for docker.service failed because the control process exited with error code.\n"
    'See "systemctl status docker.service" and "journalctl -xeu docker.service" for details.\n'
)


def systemctl(desk: Desk, p: Process) -> int:
    """`systemctl start|stop|restart|reload|status|is-active|daemon-reload|enable [docker]`."""
    words = [word for word in p.args if not word.startswith("-")]
    if not words:
        raise Usage("give a command, such as: systemctl restart docker")
    verb, units = words[0], words[1:]
    if verb == "daemon-reload":
        return 0
    if not units:
        p.stderr.write(b"Too few arguments.\n")
        return 1
    for unit in units:
        if unit not in _UNITS and unit != "docker.socket":
            p.stderr.write(f"Failed to {verb} {_service(unit)}: Unit {_service(unit)} not found.\n".encode())
            return 5
    return _do(desk, p, verb)


def service(desk: Desk, p: Process) -> int:
    """`service docker start|stop|restart|reload|status`."""
    if len(p.args) < 2 or p.args[0] != "docker":
        p.stderr.write(f"{p.args[0] if p.args else 'service'}: unrecognized service\n".encode())
        return 1
    return _do(desk, p, p.args[1])


def _service(unit: str) -> str:
    return unit if "." in unit else f"{unit}.service"


def _do(desk: Desk, p: Process, verb: str) -> int:
    changes = {"restart": restart, "start": started, "force-reload": restart, "reload": reload, "stop": _stopped,
               "reload-or-restart": reload, "try-restart": restart}
    if verb in ("status", "is-active"):
        return _status(desk, p, verb)
    if verb in ("enable", "disable"):
        return 0
    if verb not in changes:
        raise Usage(f"Unknown command verb {verb[:40]}. (or one that is not simulated)")
    change = changes[verb]
    words = desk.changed(p, lambda world: change(world, desk.name))
    if not words:
        return 0
    if words.startswith("Failed to"):
        p.stderr.write((words + "\n").encode())
        return 1
    p.stderr.write(_JOB_FAILED.encode())
    desk.why.append(words)
    return 1


def _stopped(world: World, host: str) -> tuple[World, str]:
    return stopped(world, host), ""


def _status(desk: Desk, p: Process, verb: str) -> int:
    up = desk.host.daemon.running
    if verb == "is-active":
        p.line("active" if up else "failed" if desk.host.daemon.error else "inactive")
        return 0 if up else 3
    p.line("● docker.service - Docker Application Container Engine")
    p.line("     Loaded: loaded (/lib/systemd/system/docker.service; enabled; preset: enabled)")
    p.line("     Active: " + ("active (running)" if up else "failed" if desk.host.daemon.error else "inactive (dead)"))
    if up:
        p.line(f"   Main PID: {DOCKERD_PID} (dockerd)")
    elif desk.host.daemon.error:
        p.line(f"\ndockerd: {desk.host.daemon.error}")
    return 0 if up else 3


def pidof(desk: Desk, p: Process) -> int:
    """`pidof dockerd`, `pgrep dockerd`."""
    if "dockerd" in p.args and desk.host.daemon.running:
        p.line(str(DOCKERD_PID))
        return 0
    return 1


def kill(desk: Desk, p: Process) -> int:
    """`kill -HUP PID` of dockerd, `pkill -HUP dockerd`, `killall -HUP dockerd`: it reads daemon.json again."""
    flags = [word for word in p.args if word.startswith("-")]
    targets = [word for word in p.args if not word.startswith("-") and word not in ("HUP", "SIGHUP", "1", "TERM")]
    signal = next((word.lstrip("-s").removeprefix("SIG") for word in flags if word not in ("-s", "-f")), "TERM")
    if "HUP" in p.args or "SIGHUP" in p.args or signal in ("HUP", "1"):
        signal = "HUP"
    if not targets:
        raise Usage("usage: kill [-s sigspec | -n signum | -sigspec] pid")
    for target in targets:
        known = target in ("dockerd", str(DOCKERD_PID)) and desk.host.daemon.running
        if not known:
            p.stderr.write(f"{p.name}: ({target}) - No such process\n".encode("utf-8", "surrogateescape"))
            return 1
        change = reload if signal == "HUP" else _stopped
        desk.changed(p, lambda world, change=change: change(world, desk.name))  # type: ignore[misc]
    return 0
