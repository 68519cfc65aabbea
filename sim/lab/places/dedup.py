"""The states that the lesson on deduplication starts from: four folders to build from, and what was built of them.

    tool/   FROM ubuntu, and a RUN each for the lists, for vim, for their removal
    base/   FROM scratch: a file of 1.4 MB          app/   FROM base:1: two files, one of which changes
    open/   FROM tool:1, and a chmod -R
"""

from __future__ import annotations

from .sections import Start, begun, sections

TOOL = """FROM ubuntu
RUN apt-get update
RUN apt-get install -y vim
RUN rm -rf /var/lib/apt/lists/*
"""
_FOLDERS = (
    "docker pull -q ubuntu", "mkdir tool base app open",
    f"cat > tool/Dockerfile <<END\n{TOOL}END",
    "printf 'FROM scratch\\nCOPY library /lib/\\n' > base/Dockerfile", "seq 1000000 1180000 > base/library",
    "printf 'FROM base:1\\nCOPY . /app/\\n' > app/Dockerfile",
    "seq 1 250000 > app/data", "seq 500000 600000 > app/words",
    "printf 'FROM tool:1\\nRUN chmod -R g+w /usr/share/vim\\n' > open/Dockerfile",
)
_TOOL = ("docker build -q -t tool:1 tool",)
_APP = (
    "docker build -q -t base:1 base", "docker build -q -t app:1 app", "sed -i '1i # version 2' app/data",
    "docker build -q -t app:2 app",
)


def dedup_places(start: Start) -> dict[str, Start]:
    """Return the places of lesson 10, which begin where a new lab does."""
    return sections("10", begun(start, _FOLDERS), _TOOL, _APP, (), (), ())
