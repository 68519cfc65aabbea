"""The network model beside reality: skopeo and our client at the real registry, over a wire that is slow and long.

The wire is that of link.py. What is fitted, from pulls and pushes over a wire of 10 Gbit/s and no length: for each
client and direction the time to start and end, and how many MB of blob it takes in a second. What is not fitted: all
that depends on the wire, which is what the model is for. LAYERLAB_FULL=1 takes the whole grid; without it one point.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pytest

from sim.registry.network import pulls
from sim.registry.network.parties import LAYERLAB, MB, SKOPEO, Blob, Host, Program, Server
from sim.registry.network.spans import Trace
from sim.registry.network.tcp import MSS, route
from tests.peers.link import A, Wire, wire

FULL = os.environ.get("LAYERLAB_FULL") == "1"
SMALL, LARGE = "bb-union", "ubuntu-cyo57"
#: (Mbit/s, one-way delay in ms, image)
GRID = [
    (10, 0, SMALL), (10, 20, SMALL), (10, 100, SMALL), (100, 0, LARGE), (100, 20, LARGE), (100, 100, LARGE),
    (1000, 0, LARGE), (1000, 20, LARGE), (1000, 100, LARGE),
] if FULL else [(100, 20, LARGE)]  # fmt: skip
WITHOUT_A_WIRE = (10_000, 0)
REPEATS = 3 if FULL else 2
PORT = 5170
SERVER = Server(answer_ms=0.7, upload_ms=1.5, insecure=True)

CONFIG = """version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {root}}}}}
http: {{addr: "{address}:{port}"}}
"""


@dataclass(frozen=True)
class Client:
    program: Program
    model: Callable[..., Trace]
    command: Callable[[Path, str, Path], list[str | Path]]

    @property
    def name(self) -> str:
        return f"{self.program.name} {self.model.__name__}"


def skopeo(*words: str | Path) -> list[str | Path]:
    return ["skopeo", "--insecure-policy", "copy", *words]


def sim(*words: str | Path) -> list[str | Path]:
    return [sys.executable, "-m", "sim", *words]


CLIENTS = [
    Client(SKOPEO, pulls.push, lambda image, name, _: skopeo("--dest-tls-verify=false", f"oci-archive:{image}",
                                                             f"docker://{name}")),
    Client(SKOPEO, pulls.pull, lambda _, name, folder: skopeo("--src-tls-verify=false", f"docker://{name}",
                                                              f"oci:{folder}:1")),
    Client(LAYERLAB, pulls.push, lambda image, name, _: sim("push", "--insecure", f"{A}:{PORT}", image, name)),
    Client(LAYERLAB, pulls.pull, lambda _, name, folder: sim("pull", "--insecure", f"{A}:{PORT}", name, folder)),
]  # fmt: skip


@contextmanager
def registry(ends: Wire, home: Path) -> Iterator[None]:
    """The real registry, empty, at one end of the wire."""
    home.mkdir()
    (home / "config.yml").write_text(CONFIG.format(root=home / "data", address=A, port=PORT), encoding="utf-8")
    server = subprocess.Popen(
        [*ends.a, "docker-registry", "serve", home / "config.yml"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        # Asked from its own end: no connection over the wire is there before the first measurement.
        probe = f"import socket; socket.create_connection(({A!r}, {PORT}))"
        for _ in range(100):
            if not subprocess.run([*ends.a, sys.executable, "-c", probe], stderr=subprocess.DEVNULL).returncode:
                break
            time.sleep(0.05)
        yield
    finally:
        server.kill()
        server.wait(10)
        shutil.rmtree(home)


def measured(ends: Wire, images: Path, image: str, scratch: Path, root: Path) -> dict[str, float]:
    """Push an image into a fresh registry and pull it, with each client; seconds of the whole process."""
    took = {}
    for push, pull in zip(CLIENTS[::2], CLIENTS[1::2], strict=True):
        with registry(ends, scratch / "registry"):
            for client in (push, pull):
                words = client.command(images / f"{image}.oci.tar", f"{A}:{PORT}/t/{image}:1", scratch / "pulled")
                command = [str(word) for word in (*ends.b, *words)]
                began = time.perf_counter()
                done = subprocess.run(command, cwd=root, capture_output=True, text=True, encoding="utf-8")
                took[client.name] = time.perf_counter() - began
                assert done.returncode == 0, (command, done.stderr[-2000:])
        shutil.rmtree(scratch / "pulled")
    return took


def medians(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: median(run[name] for run in runs) for name in runs[0]}


def carried(ends: Wire, mbit_s: float) -> float:
    """Return the share of the wire's rate that a plain TCP copy of a second reaches."""
    size = int(mbit_s * 1e6 / 8)
    serve = (
        f"import socket; s=socket.create_server(({A!r},{PORT})); print('up',flush=True); c=s.accept()[0];"
        f"c.sendall(bytes({size}))"
    )
    fetch = (
        f"import socket,time; c=socket.create_connection(({A!r},{PORT})); t=time.time()\n"
        f"while c.recv(1<<20): pass\nprint(time.time()-t)"
    )
    with subprocess.Popen([*ends.a, sys.executable, "-c", serve], stdout=subprocess.PIPE) as server:
        assert server.stdout is not None and server.stdout.readline()
        took = subprocess.run([*ends.b, sys.executable, "-c", fetch], capture_output=True, check=True).stdout
    return 1 / float(took)


@pytest.mark.timed
def test_predicted_times_are_within_ten_percent_of_measured_ones(
    need: Callable[[object, str], None], shared: Path, root: Path, tmp_path: Path
) -> None:
    for tool in ("docker-registry", "skopeo", "unshare", "nsenter", "ip"):
        need(shutil.which(tool), f"{tool} is not installed")
    need(os.geteuid() == 0 and os.path.exists("/dev/net/tun"), "a wire of one's own needs root and /dev/net/tun")
    images = shared / "images"
    inventory = json.loads((images / "INVENTORY.json").read_text("utf-8"))
    layers = {
        name: [Blob(f"layer {n}", layer["size"], layer["tar"]) for n, layer in enumerate(found["layers"], 1)]
        for name, found in inventory.items()
    }
    base = {}
    for image in (SMALL, LARGE):
        with wire(*WITHOUT_A_WIRE) as ends:
            base[image] = medians([measured(ends, images, image, tmp_path, root) for _ in range(REPEATS)])
    hosts = {client.name: fitted(client, base, layers) for client in CLIENTS}
    off, lines = [], []
    for mbit_s, delay_ms, image in GRID:
        with wire(mbit_s, delay_ms) as ends:
            if delay_ms == 0 and (share := carried(ends, mbit_s)) < 0.9:
                lines.append(f"{mbit_s} Mbit/s: this machine's wire carries {share:.0%} of it: left out")
                break
            found = medians([measured(ends, images, image, tmp_path, root) for _ in range(REPEATS)])
        for client in CLIENTS:
            predicted = run_model(client, layers[image], mbit_s, delay_ms, hosts[client.name]) / 1e3
            took = found[client.name]
            off.append(abs(predicted / took - 1))
            lines.append(
                f"{mbit_s:>5} Mbit/s {delay_ms:>3} ms {image:<12} {client.name:<13} measured {took:6.2f} s"
                f"  predicted {predicted:6.2f} s  {predicted / took - 1:+.1%}"
            )
    print(*lines, f"median of {len(off)}: {median(off):.1%}", sep="\n")
    assert median(off) <= 0.10, "\n".join(lines)


def run_model(client: Client, layers: list[Blob], mbit_s: float, delay_ms: float, host: Host) -> float:
    """Return the model's time in ms. A wire's rate carries headers, too: 1500 bytes for 1448 of payload."""
    way = route(mbit_s * MSS / 1500, delay_ms)
    return client.model(layers, way, program=client.program, host=host, server=SERVER).total_ms


def fitted(client: Client, base: dict[str, dict[str, float]], layers: dict[str, list[Blob]]) -> Host:
    """Find start_ms and blobs_mb_s from the two images' times over a wire that does not count."""
    ms = {image: base[image][client.name] * 1e3 for image in base}
    size = {image: sum(layer.size for layer in layers[image]) for image in base}
    rate = (size[LARGE] - size[SMALL]) / max(ms[LARGE] - ms[SMALL], 1.0) / MB
    bare = run_model(client, layers[SMALL], *WITHOUT_A_WIRE, Host(blobs_mb_s=rate))
    return Host(blobs_mb_s=rate, start_ms=max(0.0, ms[SMALL] - bare))
