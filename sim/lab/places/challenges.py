"""The states that lessons 11 and 12 start from: a wasteful image to look into, and the beginning of every goal.

    11.1-11.5    host cyo57 with app:1, in the folder of its Dockerfile, which wastes
    12.1-12.5    the first goal of each section; the last one has none          goal.NAME    each goal
"""

from __future__ import annotations

from ...engine.goals import GOALS
from ...engine.internet import new_world
from ...engine.terminal import Seat
from .sections import Start, begun

WASTEFUL = """FROM alpine
RUN apk update
RUN apk add vim
COPY tool /opt/tool
RUN chmod 755 /opt/tool
RUN rm -rf /var/cache/apk/*
ENV TOOL=/opt/tool
CMD ["/opt/tool"]
"""
"""Each of its faults is in the list of misconceptions: 1, 2 and 14."""

_BUILT = begun(lambda: Seat(new_world()), (
    "mkdir app && cd app", "dd if=/dev/zero of=tool bs=1000000 count=6", f"cat > Dockerfile <<'END'\n{WASTEFUL}END",
    "docker build -t app:1 .",
))
FIRST = ("smaller", "resume", "latest", "private")
"""The goals that the sections of lesson 12 begin with; the fifth has none."""

CHALLENGE_PLACES: dict[str, Start] = {
    **{f"11.{section}": _BUILT for section in range(1, 6)},
    **{f"12.{section}": GOALS[name].start for section, name in enumerate(FIRST, 1)},
    "12.5": begun(lambda: Seat(new_world()), ()),
    **{f"goal.{name}": goal.start for name, goal in GOALS.items()},
}
"""Taken in by `places.PLACES`."""
