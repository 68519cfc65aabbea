"""docker exec: another program in a container that runs."""

from __future__ import annotations

from . import containers, running
from .job import Fail, Job, refused
from .running import Exec, NotRun
from .world import State


def cmd_exec(job: Job) -> None:
    """docker exec."""
    name, *argv = job.parsed.args
    tty, keep = job.parsed.on("tty"), job.parsed.on("interactive")
    container = containers.find(job.daemon, name)
    if container is None:
        raise Fail(f"Error: No such container: {name}\n")
    if tty and keep and not job.tty:
        raise Fail("the input device is not a TTY\n")
    if container.state is State.PAUSED:
        raise refused(f"Container {name} is paused, unpause the container before exec")
    if not container.running:
        raise refused(f"Container {container.id} is not running")
    stdin = job.stdin if keep and not job.tty else None
    wanted = Exec(
        tuple(argv), tuple(job.parsed.all("env")), job.parsed.one("workdir"), job.parsed.one("user"), stdin, tty,
    )
    try:
        after, ran = running.run_in(job, container, wanted)
    except NotRun as error:
        if error.exit == 125:
            raise refused(error.words) from None
        raise Fail("OCI runtime exec failed: exec failed: unable to start container process: "
                   f"{error.words}: unknown\n", 126) from None
    job.put_container(after)
    if job.parsed.on("detach"):
        return
    job.say(ran.output)
    if ran.interactive and tty and keep:
        job.attached = running.attached(job, after, wanted.argv, main=False, wanted=wanted)
    elif ran.lasts_ns is not None:
        job.passes(max(0, ran.lasts_ns))
    job.exit = ran.exit
