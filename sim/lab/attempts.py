"""The part of `Lab` that tries: one push in copies of a world, after different preparations, as a table.

    lab.denials()       what a push to the cloud says: with and without login, namespace, repository
    lab.decisions()     what a push says: by address, by daemon.json, by reload

Nothing in the tables is stored: each row is tried when it is asked for, and the lab's own world stays as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from .prompts import Words
from .svg import Table
from .text import t
from .worlds import Worlds

if TYPE_CHECKING:
    from ..engine.terminal import Seat
    from .places.sections import Step

INSECURE, MIRRORS = "insecure-registries", "registry-mirrors"
_LONG = re.compile(r"(sha256:[0-9a-f]{12})[0-9a-f]{52}")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One preparation: what a table says of it, what is done, and the command that is tried then."""

    said: tuple[str, ...]
    steps: tuple[Step, ...]
    command: str


def tried(seat: Seat, attempts: Iterable[Attempt]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each attempt: what is said of it, and the last line that its command prints."""
    from ..engine.terminal import step
    from .places.sections import done

    for one in attempts:
        lines = step(done(seat, one.steps), one.command)[1].text.splitlines()
        yield *one.said, _LONG.sub(r"\1…", lines[-1]) if lines else "-"


class Attempts(Worlds):
    """Tables of attempts, in the language of the lab."""

    def denials(self) -> Words:
        """Push to the cloud's registry with each thing that it wants, and without.

        The world is that of section 07.2: the image has its name, and nothing else is done.
        """
        from .places.registries import LOGIN, REGISTRY_PLACES, REMOTE, SPACE, made

        created: dict[tuple[Step, ...], str] = {
            (): t("attempts.nothing", self.lang), (SPACE,): t("cloud.is_namespace", self.lang),
            (SPACE, made(REMOTE.partition("/")[2])): t("attempts.both", self.lang),
        }
        rows = tried(REGISTRY_PLACES["07.2"](), (
            Attempt((self._yes(login), said), (*(LOGIN,) * login, *steps), f"docker push {REMOTE}:1.0")
            for login, (steps, said) in product((False, True), created.items())
        ))
        return self._tried(t("attempts.denials", self.lang), ("docker login", t("attempts.created", self.lang)), rows)

    def decisions(self) -> Words:
        """Push to an address, with each setting of /etc/docker/daemon.json, before and after a reload.

        The world is that of section 08.2: a registry runs as a container of this host.
        """
        from ..engine.internet import CLOUD
        from .places.registries import LOGIN, PRIVATE, REGISTRY_PLACES

        seat = REGISTRY_PLACES["08.2"]()
        rows = tried(seat, (
            self._attempt(seat, f"{PRIVATE}/cyo_ubuntu"),
            self._attempt(seat, f"{PRIVATE}/cyo_ubuntu", INSECURE),
            self._attempt(seat, f"{PRIVATE}/cyo_ubuntu", INSECURE, True),
            self._attempt(seat, f"{PRIVATE}/cyo_ubuntu", MIRRORS, True),
            self._attempt(seat, "127.0.0.1:5000/cyo_ubuntu"),
            self._attempt(seat, f"{CLOUD}/cyo57/ubuntu-cyo57-1.0", "", False, LOGIN),
            self._attempt(seat, f"{CLOUD}/cyo57/ubuntu-cyo57-1.0", INSECURE, True, LOGIN),
        ))
        head = (t("attempts.address", self.lang), t("attempts.speaks", self.lang), "daemon.json", "reload")
        return self._tried(t("attempts.decisions", self.lang), head, rows)

    def _attempt(self, seat: Seat, repository: str, setting: str = "", reload: bool = False, *before: Step) -> Attempt:
        from ..engine.network import place_of
        from ..engine.preset import IMAGE
        from .places.registries import DAEMON

        address, name = repository.partition("/")[0], f"{repository}:1.0"
        text = json.dumps({setting: [f"http://{address}" if setting == MIRRORS else address]})
        steps = (
            *before, f"docker tag {IMAGE} {name}", *(f"echo '{text}' > {DAEMON}",) * bool(setting),
            *("systemctl reload docker",) * reload,
        )
        speaks = "HTTPS" if place_of(seat.world, seat.host, address).tls else "HTTP"
        said = (address, speaks, setting or "-", self._yes(reload) if setting else "-")
        return Attempt(said, steps, f"docker push {name}")

    def _yes(self, is_so: bool) -> str:
        return t("attempts.yes", self.lang) if is_so else t("attempts.no", self.lang)

    def _tried(self, caption: str, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Words:
        table = Table(caption, (*head, t("attempts.says", self.lang)), tuple(rows))
        return Words(table.html(), f"{table.caption}\n\n{table.plain()}")
