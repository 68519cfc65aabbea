"""A client and a registry that talk within this process: every request, its answer and its reason, without a socket.

    talk = Talk()                                  an empty registry, in memory
    talk.push(app, "web/app:1")                    the requests that a push makes
    talk.pull("web/app:1")                         and a pull: what is here already is not asked for
    talk.ask("DELETE", "/v2/web/app/manifests/1")  any other request
    talk.collect()                                 the registry frees what nobody needs

The registry is `registry.service.Service`, the one that `sim serve` runs; it hashes and keeps every byte. The client
sends what `sim push` and `sim pull` send, one request after the other: HEAD for each blob, then for each one that is
not there POST, PATCH and PUT, and the manifest last. Like docker it remembers in which repositories it saw a blob,
and asks for a mount from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from ..content.descriptor import MANIFEST_TYPES, Descriptor
from ..content.digest import Digest
from ..errors import BadInput
from ..image.layer import Image
from ..image.manifest import Manifest, parse_document
from ..registry.collect import Collected
from ..registry.messages import Request, Response
from ..registry.service import Service
from ..registry.state import Policy
from ..registry.storage import MemoryStorage
from ..registry.transfer import Action, Parts, Plan, Role, Step, Why, plan_pull, plan_push

ACCEPT = ("Accept", ", ".join(sorted(MANIFEST_TYPES)))
_OCTETS = ("Content-Type", "application/octet-stream")


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request, its answer, and the bytes of blobs that moved or did not need to.

    Attributes
    ----------
    request : Request
    response : Response
    about : str
        ``layer 2``, ``config``, ``manifest``; "" for none of them.
    sent, received, saved : int
        Bytes of bodies up and down, and those of a blob that this exchange made needless to move.
    """

    request: Request
    response: Response
    about: str = ""
    sent: int = 0
    received: int = 0
    saved: int = 0

    @property
    def line(self) -> str:
        """The request's line, digests and sessions cut to twelve digits."""
        return f"{self.request.method} {short(self.request.target)}"


def short(target: str) -> str:
    """Return a target with its digests and sessions cut.

    Examples
    --------
    >>> short("/v2/a/blobs/sha256:" + "0123456789abcdef" * 4)
    '/v2/a/blobs/sha256:0123456789ab…'
    """
    parts = target.replace("%3A", ":").replace("%2F", "/").split("sha256:")
    cut = [parts[0], *(f"{part[:12]}…{part[64:]}" for part in parts[1:])]
    before, mark, rest = "sha256:".join(cut).partition("/blobs/uploads/")
    session, query, more = rest.partition("?")
    return before + mark + (session[:8] + "…" if len(session) > 12 else session) + query + more


class Talk:
    """A registry in memory, and a client whose requests are written down.

    Attributes
    ----------
    service : Service
    exchanges : list of Exchange
        All since the beginning.
    """

    def __init__(self) -> None:
        clock, seeds = count(1.0), count(1)
        self.service = Service(
            MemoryStorage(), Policy(delete=True), clock=lambda: next(clock), seeds=lambda: f"talk {next(seeds)}"
        )
        self.exchanges: list[Exchange] = []
        self._seen: dict[Digest, list[str]] = {}

    def ask(
        self, method: str, target: str, headers: Sequence[tuple[str, str]] = (), body: bytes = b"", *, about: str = "",
        saved: int = 0,
    ) -> Response:
        """Send one request; `saved` is what a success makes needless to move."""
        request = Request(method, target, (ACCEPT, *headers), body)
        response = self.service.handle(request)
        done = response.status in (200, 201)
        self.exchanges.append(
            Exchange(request, response, about, len(body), response.length, saved if done else 0)
        )
        return response

    def push(self, image: Image, name: str) -> Plan:
        """Push an image to ``REPOSITORY:TAG``; return the plan as it went."""
        repository, tag = named(name)
        parts, base = parts_of(image), f"/v2/{repository}"
        self.ask("GET", "/v2/")
        blobs = {blob.digest: f"layer {number}" for number, blob in enumerate(parts.layers, 1)}
        blobs[parts.config.digest] = "config"
        sizes = {blob.digest: blob.size for blob in (*parts.layers, parts.config)}
        held = {
            digest for digest, about in reversed(blobs.items())
            if self.ask("HEAD", f"{base}/blobs/{digest}", about=about, saved=sizes[digest]).status == 200
        }
        plan = plan_push(parts, held, self._seen)
        for step in plan.order:
            if step.role is not Role.MANIFEST and step.action in (Action.SEND, Action.MOUNT):
                plan = self._step(image, base, plan, step)
        assert image.manifest is not None
        self.ask("PUT", f"{base}/manifests/{tag}", [("Content-Type", image.manifest.media_type)], image.manifest.raw,
                 about="manifest")
        for digest in sizes:
            seen = self._seen.setdefault(digest, [])
            seen += [repository] if repository not in seen else []
        return plan

    def _step(self, image: Image, base: str, plan: Plan, step: Step) -> Plan:
        """Mount or send one blob; a mount that is refused has opened a session, which takes the bytes."""
        blob, uploads = step.descriptor, f"{base}/blobs/uploads/"
        query = f"?mount={blob.digest}&from={step.origin}" if step.action is Action.MOUNT else ""
        opened = self.ask("POST", uploads + query, about=step.name, saved=blob.size)
        if opened.status == 201:
            return plan
        body = b"".join(_chunks(image, blob))
        patched = self.ask("PATCH", opened.header("Location") or "", [_OCTETS], body, about=step.name)
        place = patched.header("Location") or ""
        joint = "&" if "?" in place else "?"
        self.ask("PUT", f"{place}{joint}digest={blob.digest}", about=step.name)
        return plan.changed(step, Action.SEND, Why.REFUSED, step.origin) if query else plan

    def pull(self, name: str, here: Iterable[Parts] = ()) -> Plan:
        """Pull ``REPOSITORY:TAG``; return the plan. Of images that are `here`, all blobs are."""
        repository, tag = named(name)
        base, known = f"/v2/{repository}", {parts.manifest.digest: parts for parts in here}
        held = {blob.digest for one in known.values() for blob in (one.manifest, one.config, *one.layers)}
        self.ask("GET", "/v2/")
        found = self.ask("HEAD", f"{base}/manifests/{tag}", about="manifest")
        if found.status != 200:
            raise BadInput(f"the registry has no {name[:80]}", hint="push it first")
        digest = Digest.parse(found.header("Docker-Content-Digest") or "")
        if digest in known:
            return plan_pull(known[digest], held)
        raw = self.service.body(self.ask("GET", f"{base}/manifests/{digest}", about="manifest"))
        manifest = parse_document(raw, where=name, media_type=found.header("Content-Type"))
        assert isinstance(manifest, Manifest)
        plan = plan_pull(Parts.of(manifest), held)
        for step in plan.order:
            if step.role is not Role.MANIFEST and step.action is Action.SEND:
                self.ask("GET", f"{base}/blobs/{step.descriptor.digest}", about=step.name)
        return plan

    def collect(self) -> Collected:
        """Let the registry free what nobody needs, at once: here no push is under way."""
        return self.service.collect(grace_s=0)

    @property
    def stored(self) -> int:
        """Bytes that the registry keeps: blobs and manifests, each once."""
        storage = self.service.storage
        return sum(storage.stat(digest) or 0 for digest in storage.digests())


def named(name: str) -> tuple[str, str]:
    """Return repository and tag of a name.

    Raises
    ------
    BadInput
        One of them is missing.
    """
    repository, _, tag = name.rpartition(":")
    if not repository or not tag:
        raise BadInput(f"{name[:80]!r} is no REPOSITORY:TAG", hint='write it as "web/app:1"')
    return repository, tag


def parts_of(image: Image) -> Parts:
    """Return the descriptors of an image that has a manifest."""
    if image.manifest is None or image.manifest_descriptor is None:
        raise BadInput(f"{image.name} has no manifest", hint="sim convert writes one: --to oci")
    return Parts(image.manifest_descriptor, image.config_descriptor, tuple(one.descriptor for one in image.layers))


def _chunks(image: Image, blob: Descriptor) -> Iterator[bytes]:
    if blob.digest == image.config_descriptor.digest:
        return iter((image.config.raw,))
    return image.blobs.chunks(blob.digest)
