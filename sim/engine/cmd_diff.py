"""docker diff: what a container's writable layer changes."""

from __future__ import annotations

from ..union.upperdir import changes_of
from . import containers
from .job import Job


def cmd_diff(job: Job) -> None:
    """docker diff. docker's own order varies from run to run; here lines are sorted by path."""
    container = containers.need(job, job.parsed.args[0])
    for change in changes_of(container.root.mount):
        job.out(str(change))
