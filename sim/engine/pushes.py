"""docker push: layers, top first and five at once, then the config, then the manifest, which moves the tag.

    layer   Preparing  Waiting  Pushing  Pushed             the registry has it now
            Layer already exists                            a HEAD found it: nothing is sent
            Mounted from REPOSITORY                         another repository there had it: nothing is sent

docker asks by HEAD only for a digest that it knows from an earlier pull or push; an image that it never saw in a
registry is compressed and sent again, even where the registry has the very same layer.
"""

from __future__ import annotations

from ..content.descriptor import Descriptor
from ..content.digest import Digest
from ..errors import BadInput
from ..registry.reference import Reference
from ..registry.transfer import UPLOADS
from . import images, outside
from .job import Fail, Job
from .manifests import docker_manifest
from .pulls import BYTES_A_SECOND
from .sessions import DENIED, Session
from .stock import StockLayer
from .world import SECOND, StoredImage, put

_COMPRESSED_A_SECOND = 19_000_000
"""docker gzips a layer again for each push: about 19 MB of tar a second, measured."""


def cmd_push(job: Job) -> None:
    """docker push."""
    text, everything, quiet = job.parsed.args[0], job.parsed.on("all-tags"), job.parsed.on("quiet")
    try:
        ref, plain = Reference.parse(text), Reference.parse_plain(text)
    except BadInput as error:
        raise Fail(f"{error.what}\n") from None
    if everything and plain.tag is not None:
        raise Fail("tag can't be used with --all-tags/-a\n")
    if not everything and plain.tag is None and plain.digest is None and not quiet:
        job.out("Using default tag: latest")
    if ref.digest is not None:
        raise Fail("cannot push a digest reference\n")
    if not quiet:
        job.out(f"The push refers to repository [{ref.name}]")
    local = {name: held for name, held in job.daemon.tags.items() if Reference.parse(name).name == ref.name}
    if not local:
        raise Fail(f"An image does not exist locally with the tag: {ref.familiar}\n")
    names = sorted(local) if everything else [ref.full]
    if names[0] not in local:
        raise Fail(f"tag does not exist: {ref}\n")
    for name in names:
        push(job, Reference.parse(name), job.daemon.images[local[name]], quiet)
    if quiet:
        job.out(ref.full)


def push(job: Job, ref: Reference, image: StoredImage, quiet: bool = False) -> Digest:
    """Push an image; return its manifest's digest. `Fail` in docker's words."""
    if outside.is_open(job.world, ref.registry):
        return _in_earnest(job, ref, image, quiet)
    try:
        session = Session(job, ref.registry)
    except Fail as error:
        raise Fail(f"{error.what}\n") from None
    work = _Push(job, session, ref, quiet)
    layers = list(reversed(images.layers_of(job.world.stock, image)))
    unique = list({layer.diff_id: layer for layer in layers}.values())
    for layer in unique:
        work.state(layer, "Preparing")
    for layer in unique[UPLOADS:]:
        work.state(layer, "Waiting")
    for layer in unique:
        work.layer(layer)
    manifest = docker_manifest(job.world.stock, image.config)
    work.config(image)
    answer = session.ask("PUT", f"/v2/{ref.repository}/manifests/{ref.tag}", manifest.raw, manifest.media_type)
    work.check(answer.status)
    if job.screen and not quiet:
        for layer in unique:
            job.out(f"{images.short(layer.diff_id)}: {work.states[layer.diff_id]}")
    return _pushed(job, ref, image, manifest.describe(manifest.media_type), quiet)


def _pushed(job: Job, ref: Reference, image: StoredImage, manifest: Descriptor, quiet: bool) -> Digest:
    """Say the last line, and remember what lies where."""
    if not quiet:
        job.out(f"{ref.tag}: digest: {manifest.digest} size: {manifest.size}")
    layers = images.layers_of(job.world.stock, image)
    job.change(
        digests=put(job.daemon.digests, f"{ref.name}@{manifest.digest}", image.id),
        known=job.daemon.known | {(str(one.diff_id), str(one.digest), ref.name) for one in layers},
    )
    return manifest.digest


def _in_earnest(job: Job, ref: Reference, image: StoredImage, quiet: bool) -> Digest:
    """Push to a real registry of this machine."""
    manifest, layers = outside.send(job, ref, image)
    for layer, word in {layer.diff_id: (layer, word) for layer, word in reversed(layers)}.values():
        line = f"{images.short(layer.diff_id)}: {word}"
        job.tell("layer", layer.digest, line, state=word, at_ns=job.now)
        if not quiet:
            job.out(line)
    return _pushed(job, ref, image, manifest, quiet)


class _Push:
    """One push under way."""

    def __init__(self, job: Job, session: Session, ref: Reference, quiet: bool) -> None:
        self.job, self.session, self.ref, self.quiet = job, session, ref, quiet
        self.base = f"/v2/{ref.repository}"
        self.states: dict[Digest, str] = {}

    def state(self, layer: StockLayer, state: str, **facts: object) -> None:
        self.states[layer.diff_id] = state
        line = f"{images.short(layer.diff_id)}: {state}"
        self.job.tell("layer", layer.digest, line, state=state, at_ns=self.job.now, **facts)
        if not self.job.screen and not self.quiet and state != "Pushing":
            self.job.out(line)

    def check(self, status: int) -> None:
        """Raise in docker's words where the registry refused."""
        if status == 401:
            self._explain()
            raise Fail(f"{DENIED}\n")
        if status >= 400:
            raise Fail(f"received unexpected HTTP status: {status}\n")

    def _explain(self) -> None:
        ref, login = self.ref, self.session.login
        if ref.registry == "docker.io" and ref.repository.startswith("library/"):
            words = (f"the name {ref.familiar} means docker.io/{ref.repository}, which is docker's own: tag the image "
                     "with a registry and a namespace of yours")
        elif login is None:
            words = f"nobody is logged in to {ref.registry} here"
        else:
            words = (f"{login.name} is logged in to {ref.registry} and may not push to {ref.repository}: the namespace "
                     "is somebody else's, or the repository was not created")
        self.job.because(words)

    def layer(self, layer: StockLayer) -> None:
        """Send a layer, unless it is there or can be mounted."""
        known = sorted(name for diff_id, digest, name in self.job.daemon.known
                       if diff_id == str(layer.diff_id) and digest == str(layer.digest))
        if self.ref.name in known:
            answer = self.session.ask("HEAD", f"{self.base}/blobs/{layer.digest}")
            if answer.status == 200:
                self.state(layer, "Layer already exists", bytes=0)
                return
            self.check(401 if answer.status == 401 else 0)
        for source in known:
            registry, _, repository = source.partition("/")
            if registry != self.ref.registry or source == self.ref.name:
                continue
            target = f"{self.base}/blobs/uploads/?mount={layer.digest}&from={repository.replace('/', '%2F')}"
            answer = self.session.ask("POST", target)
            self.check(answer.status)
            if answer.status == 201:
                self.state(layer, f"Mounted from {repository}", bytes=0)
                self.job.because(f"{images.short(layer.diff_id)}: 0 bytes sent, {repository} had it")
                return
        self.state(layer, "Pushing", bytes=layer.advertised)
        self.upload(layer.digest, layer.blob_size)
        zipped, sent = layer.tar_size * SECOND // _COMPRESSED_A_SECOND, layer.advertised * SECOND // BYTES_A_SECOND
        self.job.passes(max(zipped, sent))
        self.state(layer, "Pushed", bytes=layer.advertised)

    def config(self, image: StoredImage) -> None:
        """Send the config, unless it is there."""
        if self.session.ask("HEAD", f"{self.base}/blobs/{image.id}").status != 200:
            self.upload(image.id, len(image.config.raw))

    def upload(self, digest: Digest, size: int) -> None:
        """Send a blob by a session: POST, PATCH, PUT; and HEAD, for docker makes sure."""
        opened = self.session.ask("POST", f"{self.base}/blobs/uploads/")
        self.check(opened.status)
        place = opened.header("Location") or ""
        given = self.session.give("PATCH", place, size)
        self.check(given.status)
        place = given.header("Location") or place
        joint = "&" if "?" in place else "?"
        closed = self.session.give("PUT", f"{place}{joint}digest={digest}", 0)
        self.check(closed.status)
        self.session.ask("HEAD", f"{self.base}/blobs/{digest}")
