"""docker pull: manifest, config, layers; three downloads at once, the base first, extraction one after another.

    HEAD manifests/TAG -> GET manifests/DIGEST -> GET config -> GET layers      what is here is not asked for again
    layer   Pulling fs layer  Waiting  Downloading  Verifying Checksum  Download complete  Extracting  Pull complete
            Already exists           the layer store has it, on the same layers below it
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Callable

from ..content.descriptor import MAX_DOCUMENT
from ..content.digest import Digest
from ..errors import BadInput
from ..image.config import ImageConfig
from ..image.ids import chain_ids
from ..image.manifest import Manifest, parse_document
from ..registry.messages import Response
from ..registry.reference import DOCKER_IO, Reference
from ..registry.transfer import DOWNLOADS
from . import images, outside, remotes
from .fetched import Fetched
from .job import Fail, Job, refused
from .sessions import DENIED, Session
from .stock import StockLayer
from .world import SECOND, StoredImage, put

BYTES_A_SECOND = 12_500_000
"""What the simulated line carries: 100 megabits."""
EXTRACTED_A_SECOND = 60_000_000
_LATENCY_NS = 40_000_000

Say = Callable[[str], None]


def cmd_pull(job: Job) -> None:
    """docker pull."""
    text = job.parsed.args[0]
    quiet = job.parsed.on("quiet")
    try:
        ref = Reference.parse(text)
        plain = Reference.parse_plain(text)
    except BadInput as error:
        raise Fail(f"{error.what}\n") from None
    if job.parsed.on("all-tags"):
        if plain.tag or plain.digest:
            raise Fail("tag can't be used with --all-tags/-a\n")
        _pull_all(job, plain)
        return
    if plain.tag is None and plain.digest is None and not quiet:
        job.out("Using default tag: latest")
    pull(job, ref, say=(lambda line: None) if quiet else job.out, status=not quiet)
    job.out(ref.full)


def _pull_all(job: Job, plain: Reference) -> None:
    session = _session(job, plain)
    answer = session.ask("GET", f"/v2/{plain.repository}/tags/list")
    if answer.status != 200:
        raise _denied_or_unknown(answer, plain)
    tags = json.loads(remotes.body_of(job.world, answer))["tags"] or []
    before = dict(job.daemon.tags)
    for tag in tags:
        pull(job, Reference(plain.registry, plain.repository, tag), say=job.out, status=False, session=session)
    fresh = dict(job.daemon.tags) != before
    job.out(f"Status: {'Downloaded newer image' if fresh else 'Image is up to date'} for {plain.familiar}")
    job.out(plain.name)


def _session(job: Job, ref: Reference) -> Session:
    try:
        return Session(job, ref.registry)
    except Fail as error:
        raise refused(error.what) from None


def pull(job: Job, ref: Reference, *, say: Say, status: bool, session: Session | None = None) -> StoredImage:
    """Pull an image.

    Parameters
    ----------
    ref : Reference
        With a tag or a digest.
    say : callable
        Prints a line.
    status : bool
        Whether the Status line is printed.

    Raises
    ------
    Fail
        In docker's words.
    """
    if outside.is_open(job.world, ref.registry):
        fetched = outside.fetch(job, ref)
    else:
        fetched = _mirrored(job, ref) or _fetched(session or _session(job, ref), ref)
    shown = ref.target if ref.digest is not None else ref.tag
    say(f"{shown}: Pulling from {ref.repository}")
    before = images.find(job.daemon, str(ref))
    image_id = Digest.of(fetched.config.raw)
    if image_id not in job.daemon.images:
        _layers(job, fetched, say)
    _remember(job, ref, fetched)
    image = images.add(job, StoredImage(image_id, fetched.config, manifest=fetched.digest))
    known = f"{ref.name}@{fetched.digest}"
    fresh = before is None or before.id != image_id
    job.change(digests=put(job.daemon.digests, known, image.id))
    if ref.tag is not None and ref.digest is None and fresh:
        images.tag(job, ref, image)
    if before is not None and fresh:
        job.because(f"{ref} led to {images.short(before.id)}, which keeps its digest and has no tag any more")
    say(f"Digest: {fetched.digest}")
    if status:
        name = str(ref) if ref.digest is None else f"{ref.familiar}@{ref.digest}"
        say(f"Status: {'Downloaded newer image for' if fresh else 'Image is up to date for'} {name}")
    return job.daemon.images[image.id]


def _mirrored(job: Job, ref: Reference) -> Fetched | None:
    """Ask the mirrors of docker.io, in turn; None where none has the image, or there is none."""
    for mirror in job.daemon.settings.mirrors if ref.registry == DOCKER_IO else ():
        try:
            found = _fetched(Session(job, ref.registry, mirror), ref)
        except Fail as error:
            job.because(f"the mirror {mirror} did not have it, so docker.io was asked ({error.what.strip()})")
        else:
            job.because(f"it came from the mirror {mirror}: registry-mirrors stands in for docker.io alone, and for no "
                        "other registry; insecure-registries is another thing")
            return found
    return None


def _fetched(session: Session, ref: Reference) -> Fetched:
    base = f"/v2/{ref.repository}"
    head = session.ask("HEAD", f"{base}/manifests/{ref.target}")
    if head.status != 200:
        body = session.ask("GET", f"{base}/manifests/{ref.target}")
        raise _denied_or_unknown(body, ref)
    digest = Digest.parse(head.header("Docker-Content-Digest") or "")
    # docker keeps the documents of the images that it has, and asks for neither of them again.
    fresh = not any(known.endswith(f"@{digest}") for known in session.job.daemon.digests)
    raw = remotes.body_of(session.job.world, session.ask("GET", f"{base}/manifests/{digest}", told=fresh))
    try:
        manifest = parse_document(raw, where=str(ref), media_type=head.header("Content-Type"))
    except BadInput as error:
        raise refused(error.what) from None
    if not isinstance(manifest, Manifest):
        raise refused("an index of several platforms is not simulated: pull one of its manifests by digest")
    document = session.ask("GET", f"{base}/blobs/{manifest.config.digest}", told=fresh)
    config = remotes.body_of(session.job.world, document)
    try:
        return Fetched(
            digest, manifest, ImageConfig.parse(config[:MAX_DOCUMENT], where=str(ref)),
            lambda layer: session.ask("GET", f"{base}/blobs/{layer}"),
        )
    except BadInput as error:
        raise refused(error.what) from None


def _denied_or_unknown(response: Response, ref: Reference) -> Fail:
    if response.status == 401:
        return refused(f"pull access denied for {ref.familiar}, repository does not exist or may require "
                       f"'docker login': {DENIED}")
    return refused(f"manifest for {ref} not found: manifest unknown: manifest unknown")


def _layers(job: Job, fetched: Fetched, say: Say) -> None:
    """Fetch the layers that are not here, and say what docker says of each."""
    stock = job.world.stock
    wanted: list[tuple[Digest, StockLayer]] = []
    for descriptor, diff_id in zip(fetched.manifest.layers, fetched.config.diff_ids, strict=True):
        held = stock.by_blob.get(descriptor.digest)
        if held is None or held != diff_id:
            raise refused(f"filesystem layer verification failed for digest {descriptor.digest}")
        wanted.append((descriptor.digest, stock.layers[held]))
    have = images.used_layers(job.daemon)
    chains = chain_ids(fetched.config.diff_ids)
    states: dict[Digest, str] = {}
    missing: list[tuple[Digest, StockLayer]] = []
    for (digest, layer), chain in zip(wanted, chains, strict=True):
        if chain in have and not missing:
            _state(job, digest, "Already exists", states, say)
        else:
            _state(job, digest, "Pulling fs layer", states, say)
            missing.append((digest, layer))
    for digest, _ in missing[DOWNLOADS:]:
        _state(job, digest, "Waiting", states, say)
    _transferred(job, fetched, missing, states, say)
    if job.screen:
        for digest, state in states.items():
            say(f"{images.short(digest)}: {state}")
    exists = len(wanted) - len(missing)
    if exists:
        job.because(f"{exists} of {len(wanted)} layers were here already, under other images: they were not fetched")


def _state(job: Job, digest: Digest, state: str, states: dict[Digest, str], say: Say, **facts: object) -> None:
    states[digest] = state
    job.tell("layer", digest, f"{images.short(digest)}: {state}", state=state, at_ns=job.now, **facts)
    if not job.screen and state not in ("Downloading", "Extracting"):
        say(f"{images.short(digest)}: {state}")


def _transferred(
    job: Job, fetched: Fetched, missing: list[tuple[Digest, StockLayer]], states: dict[Digest, str], say: Say
) -> None:
    """Let three downloads share the line, and the extraction follow layer by layer."""
    running: list[tuple[int, int]] = []
    starts = job.now
    line = 0
    order: list[tuple[int, int]] = []
    for number, (digest, layer) in enumerate(missing):
        begin = starts if len(running) < DOWNLOADS else heapq.heappop(running)[0]
        fetched.fetch(digest)
        _state(job, digest, "Downloading", states, say, bytes=layer.advertised)
        line += layer.advertised
        done = max(begin + _LATENCY_NS + layer.advertised * SECOND // BYTES_A_SECOND,
                   starts + line * SECOND // BYTES_A_SECOND)
        heapq.heappush(running, (done, number))
        order.append((done, number))
    for done, number in sorted(order):
        digest, layer = missing[number]
        job.passes(max(0, done - job.now))
        _state(job, digest, "Verifying Checksum", states, say)
        _state(job, digest, "Download complete", states, say)
    for digest, layer in missing:
        _state(job, digest, "Extracting", states, say)
        job.passes(layer.tar_size * SECOND // EXTRACTED_A_SECOND + 1)
        _state(job, digest, "Pull complete", states, say)


def _remember(job: Job, ref: Reference, fetched: Fetched) -> None:
    found = {
        (str(diff_id), str(descriptor.digest), ref.name)
        for descriptor, diff_id in zip(fetched.manifest.layers, fetched.config.diff_ids, strict=True)
    }
    job.change(known=job.daemon.known | found)
