"""docker ps, and the verbs of a container's life: start, stop, restart, kill, pause, rename, rm, wait, logs ..."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from . import containers, running
from .cmd_run import start_again
from .job import Fail, Job, refused
from .tables import aligned
from .times import printed
from .world import Container, State, put


def each(job: Job, names: tuple[str, ...], do: Callable[[Job, str], None], lead: str = "") -> None:
    """Do something to each of several containers; failures are told and the rest goes on."""
    failed = []
    for name in names:
        try:
            do(job, name)
        except Fail as error:
            failed.append(name)
            job.err(error.what.rstrip("\n"))
    if failed:
        job.exit = 1
        if lead:
            job.err(f"{lead}{', '.join(failed)}")


def cmd_start(job: Job) -> None:
    """docker start."""
    attach = job.parsed.on("attach") or job.parsed.on("interactive")

    def one(job: Job, name: str) -> None:
        container = start_again(job, containers.need(job, name), attach=attach)
        if not attach:
            job.out(name)
        elif job.attached is None:
            job.exit = running.wait(job, container).exit_code

    each(job, job.parsed.args, one, "Error: failed to start containers: ")


def cmd_stop(job: Job) -> None:
    """docker stop."""
    def one(job: Job, name: str) -> None:
        container = containers.need(job, name)
        if container.running:
            container = running.stop(job, container, int(job.parsed.one("time", "10")))
        elif container.state is State.RESTARTING:
            container = running.ended(job, container, container.exit_code)
        # A daemon that starts again leaves alone what was stopped by hand, where the policy is unless-stopped.
        job.put_container(replace(container, options=put(container.options, "stopped", "true")))
        job.out(name)

    each(job, job.parsed.args, one)


def cmd_restart(job: Job) -> None:
    """docker restart."""
    def one(job: Job, name: str) -> None:
        container = containers.need(job, name)
        if container.running:
            container = running.stop(job, container, int(job.parsed.one("time", "10")))
        start_again(job, container)
        job.out(name)

    each(job, job.parsed.args, one)


def cmd_kill(job: Job) -> None:
    """docker kill."""
    signal = job.parsed.one("signal", "KILL").upper().removeprefix("SIG")

    def one(job: Job, name: str) -> None:
        container = containers.find(job.daemon, name)
        if container is None:
            raise refused(f"Cannot kill container: {name}: No such container: {name}")
        if not container.running:
            raise refused(f"Cannot kill container: {name}: Container {container.id} is not running")
        if signal in ("KILL", "9"):
            job.put_container(running.ended(job, container, 137))
        job.out(name)

    each(job, job.parsed.args, one)


def cmd_pause(job: Job) -> None:
    """docker pause."""
    def one(job: Job, name: str) -> None:
        container = need_running(job, name)
        if container.state is State.PAUSED:
            raise refused(f"Container {container.id} is already paused")
        job.put_container(replace(container, state=State.PAUSED))
        job.out(name)

    each(job, job.parsed.args, one)


def cmd_unpause(job: Job) -> None:
    """docker unpause."""
    def one(job: Job, name: str) -> None:
        container = containers.need(job, name)
        if container.state is not State.PAUSED:
            raise refused(f"Container {container.id} is not paused")
        job.put_container(replace(container, state=State.RUNNING))
        job.out(name)

    each(job, job.parsed.args, one)


def need_running(job: Job, name: str) -> Container:
    """Return a container that runs; `Fail` for another."""
    container = containers.need(job, name)
    if not container.running:
        raise refused(f"Container {container.id} is not running")
    return container


def cmd_rm(job: Job) -> None:
    """docker rm."""
    def one(job: Job, name: str) -> None:
        container = containers.find(job.daemon, name)
        if container is None:
            raise Fail(f"Error: No such container: {name}\n")
        if (container.running or container.state is State.RESTARTING) and not job.parsed.on("force"):
            state = str(container.state)
            advice = "Unpause and then stop" if container.state is State.PAUSED else "Stop"
            raise refused(f"You cannot remove a {state} container {container.id}. {advice} the container before "
                          "attempting removal or force remove")
        running.removed(job, container, job.parsed.on("volumes"))
        left = [point for point in container.mounts if point.kind == "volume" and point.anonymous]
        if left and not job.parsed.on("volumes"):
            job.because(f"its anonymous volume {left[0].source[:12]} stays, and nothing mounts it any more; rm -v "
                        "takes it along")
        job.out(name)

    each(job, job.parsed.args, one)


def cmd_rename(job: Job) -> None:
    """docker rename."""
    old, new = job.parsed.args
    container = containers.find(job.daemon, old)
    try:
        if container is None:
            raise refused(f"No such container: {old}")
        containers.renamed(job, container, new)
    except Fail as error:
        raise Fail(f"{error.what}Error: failed to rename container named {old}\n") from None


def cmd_wait(job: Job) -> None:
    """docker wait."""
    def one(job: Job, name: str) -> None:
        job.out(str(running.wait(job, containers.need(job, name)).exit_code))

    each(job, job.parsed.args, one)


def cmd_logs(job: Job) -> None:
    """docker logs."""
    for name in ("since", "until", "timestamps"):
        if job.parsed.flags.get(name):
            raise Fail(f"docker logs --{name} is not simulated: leave it out\n")
    container = containers.find(job.daemon, job.parsed.args[0])
    if container is None:
        raise Fail(f"Error: No such container: {job.parsed.args[0]}\n")
    said = container.logs
    tail = job.parsed.one("tail", "all")
    if tail.isdecimal():
        said = said[-int(tail):] if int(tail) else ()
    job.say(said)


def cmd_port(job: Job) -> None:
    """docker port."""
    name = job.parsed.args[0]
    container = containers.find(job.daemon, name)
    if container is None:
        raise Fail(f"Error: No such container: {name}\n")
    ports = container.ports if container.running else ()
    if len(job.parsed.args) == 1:
        for one in ports:
            inner = f"{one.container}/{one.protocol}"
            job.out(f"{inner} -> {one.host_ip}:{one.host}")
            if one.host_ip == "0.0.0.0":
                job.out(f"{inner} -> :::{one.host}")
        return
    wanted = job.parsed.args[1] if "/" in job.parsed.args[1] else f"{job.parsed.args[1]}/tcp"
    found = [one for one in ports if f"{one.container}/{one.protocol}" == wanted]
    if not found:
        raise Fail(f"Error: No public port '{wanted}' published for {name}\n")
    for one in found:
        job.out(f"{one.host_ip}:{one.host}")


def cmd_top(job: Job) -> None:
    """docker top."""
    container = need_running(job, job.parsed.args[0])
    rows = [["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"],
            ["root", str(container.pid), str(container.pid - 20), "0", printed(container.started_ns)[11:16], "?",
             "00:00:00", " ".join(container.process)]]
    for line in aligned(rows):
        job.out(line)


def cmd_attach(job: Job) -> None:
    """docker attach."""
    container = containers.find(job.daemon, job.parsed.args[0])
    if container is None:
        raise Fail(f"Error: No such container: {job.parsed.args[0]}\n")
    if container.state is State.PAUSED:
        raise Fail("You cannot attach to a paused container, unpause it first\n")
    if not container.running:
        raise Fail("You cannot attach to a stopped container, start it first\n")
    if container.options.get("interactive") == "true" and container.options.get("tty") == "true" and job.tty:
        job.attached = running.attached(job, container, container.process, main=True)
        return
    job.exit = running.wait(job, container).exit_code


def cmd_update(job: Job) -> None:
    """docker update: the restart policy alone."""
    policy = job.parsed.one("restart")
    if not policy:
        if job.parsed.flags:
            raise Fail("limits of memory and CPU are not simulated: only --restart is\n")
        raise Fail("you must provide one or more flags when using this command\n")

    def one(job: Job, name: str) -> None:
        container = containers.need(job, name)
        job.put_container(replace(container, options=put(container.options, "restart", policy)))
        job.out(name)

    each(job, job.parsed.args, one)


def cmd_stats(job: Job) -> None:
    """docker stats: not simulated."""
    raise Fail("docker stats is not simulated: there is no memory and no processor to measure here\n")


