"""Real registries on this machine, for whoever asks: a simulated docker pulls from them and pushes to them in earnest.

    open_to(world, "127.0.0.1:5055")     from now on that name is the real one
    docker pull 127.0.0.1:5055/x         its bytes come in and are checked like any others
    docker push 127.0.0.1:5055/x         they are there then, and no undo takes them back

Only loopback addresses can be opened: what a learner types reaches no other machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from ..content.compression import decompressed
from ..content.descriptor import DOCKER_CONFIG, DOCKER_MANIFEST, Descriptor
from ..content.limits import DEFAULT
from ..content.store import LayoutStore
from ..errors import BadInput, TransferFailed
from ..fs.tar import read_layer
from ..image.config import ImageConfig
from ..image.ids import DiffID
from ..image.outer import SpoolSource
from ..image.trees import Blob, Laid, whole
from ..registry.reference import Reference
from ..registry.transfer import Action, Role, Step
from ..registry.trust import LOOPBACK, Trust, host_of
from . import images
from .fetched import Fetched
from .job import Fail, Job, refused
from .manifests import docker_manifest
from .stock import Stock, StockLayer
from .world import StoredImage, World


def open_to(world: World, registry: str) -> None:
    """Let a name be a real registry of this machine, for this world and all that come of it.

    Raises
    ------
    BadInput
        It is not on loopback.
    """
    if host_of(registry) != "localhost" and not Trust(networks=(LOOPBACK,)).is_insecure(registry):
        raise BadInput(f"{registry[:80]} is not on this machine", hint="open 127.0.0.1:PORT or localhost:PORT")
    world.stock.outside.add(registry)


def is_open(world: World, registry: str) -> bool:
    """Whether a name is a real registry."""
    return registry in world.stock.outside


def fetch(job: Job, ref: Reference) -> Fetched:
    """Pull an image's documents and layers into the stock; `Fail` in docker's words."""
    # Sockets and TLS are of use here alone, and a browser has none.
    from ..registry import client

    with TemporaryDirectory(prefix="layerlab-") as folder:
        store = LayoutStore(Path(folder) / "pulled")
        try:
            pulled = client.pull(ref, store)
            config = ImageConfig.parse(store.read(pulled.manifest.config.digest), where=str(ref))
            for descriptor, diff_id in zip(pulled.manifest.layers, config.diff_ids, strict=True):
                _take(job.world.stock, store, descriptor, diff_id)
        except TransferFailed as error:
            raise refused(error.what) from None
        except (BadInput, ValueError) as error:
            raise refused(getattr(error, "what", str(error))) from None
        job.world.stock.document(store.read(pulled.descriptor.digest))
    return Fetched(pulled.descriptor.digest, pulled.manifest, config)


def _take(stock: Stock, store: LayoutStore, descriptor: Descriptor, diff_id: DiffID) -> None:
    if descriptor.digest in stock.by_blob:
        return
    blob = SpoolSource(store.chunks(descriptor.digest))
    where = str(descriptor.digest)
    tar = partial(_tar, blob, where)
    found = read_layer(tar(), where=where, limits=DEFAULT, reopen=tar)
    if found.diff_hex != diff_id.hex:
        raise BadInput(f"filesystem layer verification failed for digest {descriptor.digest}")
    stock.arrived(found.changes, diff_id, found.size, descriptor, blob.chunks, tar)


def _tar(blob: SpoolSource, where: str) -> Iterator[bytes]:
    return decompressed(blob.chunks(), where)


def send(job: Job, ref: Reference, image: StoredImage) -> tuple[Descriptor, list[tuple[StockLayer, str]]]:
    """Push an image in earnest; return its manifest's descriptor, and docker's word for each layer, base first."""
    from ..registry import client

    stock = job.world.stock
    manifest = docker_manifest(stock, image.config)
    layers = images.layers_of(stock, image)
    blobs = [Blob(descriptor, partial(stock.chunks, descriptor.digest)) for descriptor in manifest.layers]
    config, raw = image.config.raw, manifest.raw
    blobs.append(Blob(Descriptor.of(config, DOCKER_CONFIG), partial(whole, config)))
    told = Descriptor.of(raw, DOCKER_MANIFEST)
    blobs.append(Blob(told, partial(whole, raw)))
    known = {name.partition("/")[2] for _, _, name in job.daemon.known if name.partition("/")[0] == ref.registry}
    try:
        pushed = client.push(Laid(tuple(blobs), told), ref, mount_from=sorted(known))
    except TransferFailed as error:
        raise Fail(f"{error.what}\n") from None
    job.irreversible = f"{ref} is in the real registry {ref.registry} now: undo does not take it back"
    words = {step.descriptor.digest: _word(step) for step in pushed.plan.order if step.role is Role.LAYER}
    return told, [(layer, words.get(layer.digest, "Layer already exists")) for layer in layers]


def _word(step: Step) -> str:
    if step.action is Action.SEND:
        return "Pushed"
    return f"Mounted from {step.origin}" if step.action is Action.MOUNT else "Layer already exists"
