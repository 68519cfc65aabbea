"""Our client against the real registry: open, Basic, Bearer and TLS; the same bytes as skopeo's; docker pulls them."""

from __future__ import annotations

import filecmp
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sim.content.digest import Digest
from sim.content.store import LayoutStore
from sim.errors import TransferFailed
from sim.image.stored import laid_as_stored
from sim.registry.client import Doing, Pushed, pull, push
from sim.registry.credentials import Login
from sim.registry.landing import pull_to
from sim.registry.reference import Reference
from sim.registry.settings import Settings
from sim.registry.trust import Trust
from sim.source import open_image, open_outline
from tests.peers.realregistry import certificate, htpasswd, real_registry, token_service
from tests.registry.fakes import Cutter

PORT, BASIC_PORT, BEARER_PORT, TLS_PORT = 5160, 5161, 5162, 5163
SAMPLE = "sample:redis"


@pytest.fixture(scope="module", autouse=True)
def registry_here(need: Callable[[object, str], None]) -> None:
    for name in ("docker-registry", "openssl", "htpasswd"):
        need(shutil.which(name), f"{name} is not installed")


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with real_registry(tmp_path_factory.mktemp("registry"), PORT) as found:
        yield found


def doing(**settings: object) -> Doing:
    return Doing(Settings(**settings), sleep=lambda seconds: None)  # type: ignore[arg-type]


def sent(arg: str | Path, name: str, how: Doing | None = None, **more: object) -> Pushed:
    return push(laid_as_stored(open_outline(arg)), Reference.parse(name), how or doing(), **more)  # type: ignore[arg-type]


def test_push_pull_mount_and_warm(host: str, tmp_path: Path) -> None:
    first = sent(SAMPLE, f"{host}/cyo57/redis:1")
    assert first.plan.saved == 0
    again = sent(SAMPLE, f"{host}/cyo57/redis:2")
    assert again.plan.sent == again.descriptor.size
    mounted = sent(SAMPLE, f"{host}/other/redis:1", mount_from=["cyo57/redis"])
    assert mounted.plan.sent == mounted.descriptor.size
    refused = sent("sample:hello-world", f"{host}/cyo57/hello:1", mount_from=["cyo57/redis"])
    assert {str(step.why) for step in refused.plan.steps[:-1]} == {"refused"}
    store = LayoutStore(tmp_path / "out")
    assert pull(Reference.parse(f"{host}/other/redis:1"), store, doing()).plan.saved == 0
    assert pull(Reference.parse(f"{host}/cyo57/redis:2"), store, doing()).plan.sent == 0


@pytest.mark.parametrize("name", ["bb-union.oci.tar", "ubuntu-cyo57.oci.tar", "bb-union.docker.tar.zst"])
def test_real_images_come_back(host: str, shared: Path, tmp_path: Path, name: str) -> None:
    archive = shared / "images" / name
    image = f"{host}/real/{name.partition('.')[0]}:{name.split('.')[1]}"
    sent(archive, image)
    here, there = open_image(archive), open_image(image)
    assert here.stack == there.stack and here.config == there.config


def test_the_same_bytes_as_skopeo(host: str, shared: Path, tmp_path: Path, tool: Callable[..., object]) -> None:
    archive = shared / "images" / "ubuntu-cyo57.oci.tar"
    tool("skopeo", "copy", "--dest-tls-verify=false", f"oci-archive:{archive}", f"docker://{host}/skopeo/u:1")
    ours = sent(archive, f"{host}/ours/u:1")
    pulled = [tmp_path / "skopeo", tmp_path / "ours"]
    for source, where in (("ours", pulled[0]), ("skopeo", pulled[1])):
        image = f"{host}/{source}/u:1"
        if where is pulled[0]:
            tool("skopeo", "copy", "--src-tls-verify=false", f"docker://{image}", f"oci:{where}:1")
        else:
            assert pull_to(Reference.parse(image), where, doing()).pulled.descriptor.digest == ours.descriptor.digest
    blobs = [sorted(path.name for path in (where / "blobs/sha256").iterdir()) for where in pulled]
    assert blobs[0] == blobs[1]
    same, different, odd = filecmp.cmpfiles(*(where / "blobs/sha256" for where in pulled), blobs[0], shallow=False)
    assert len(same) == 4 and not different and not odd


def test_docker_and_umoci_take_what_was_pushed_and_pulled(
    host: str, tmp_path: Path, docker: Callable[..., object], tool: Callable[..., object]
) -> None:
    sent("sample:alpine", f"{host}/for/docker:1")
    docker("pull", f"{host}/for/docker:1")
    save = docker("inspect", "--format", "{{.Id}}", f"{host}/for/docker:1")
    image = open_image("sample:alpine")
    assert save.stdout.strip() == str(image.config_descriptor.digest)  # type: ignore[attr-defined]
    docker("tag", f"{host}/for/docker:1", f"{host}/by/docker:2")
    docker("push", f"{host}/by/docker:2")
    docker("save", "-o", tmp_path / "saved.tar", f"{host}/by/docker:2")
    docker("rmi", "-f", f"{host}/for/docker:1", f"{host}/by/docker:2")
    assert open_image(f"{host}/by/docker:2").stack == image.stack
    # A docker-save archive has plain layers: they are pushed as they are, and docker pulls such layers.
    sent(tmp_path / "saved.tar", f"{host}/for/docker:3")
    docker("pull", f"{host}/for/docker:3")
    docker("rmi", f"{host}/for/docker:3")
    # umoci knows the OCI's media types alone; what docker pushed has docker's, and a pull keeps them.
    pull_to(Reference.parse(f"{host}/for/docker:1"), tmp_path / "layout", doing())
    tool("umoci", "unpack", "--image", f"{tmp_path / 'layout'}:1", tmp_path / "bundle")
    assert (tmp_path / "bundle/rootfs").is_dir()


def test_cut_connections(host: str, shared: Path, tmp_path: Path) -> None:
    archive = shared / "images" / "ubuntu-cyo57.oci.tar"
    size = archive.stat().st_size
    waits: list[float] = []
    patient = Doing(Settings(), sleep=waits.append)
    with Cutter(host, up=[3_000_000, 9_000_000], down=[5_000_000, 7_000_000, 100_000]) as cutter:
        sent(archive, f"{cutter.host}/cut/u:1", patient)
        assert cutter.cuts == 2 and waits
        pulled = pull_to(Reference.parse(f"{cutter.host}/cut/u:1"), tmp_path / "out", patient)
        assert cutter.cuts == 5 and pulled.pulled.plan.sent < size
        assert cutter.passed_down < size * 1.1, "a pull goes on; this registry forgets what was pushed half"
    for blob in pulled.pulled.manifest.layers:
        raw = (tmp_path / "out/blobs/sha256" / blob.digest.hex).read_bytes()
        assert Digest.of(raw) == blob.digest


def test_basic(tmp_path: Path) -> None:
    file = htpasswd(tmp_path / "auth", cyo57="secret")
    auth = f"auth: {{htpasswd: {{realm: basic-realm, path: {file}}}}}\n"
    with real_registry(tmp_path / "registry", BASIC_PORT, auth=auth) as host:
        right = doing(login=Login("cyo57", "secret"))
        sent(SAMPLE, f"{host}/auth/redis:1", right)
        assert pull(Reference.parse(f"{host}/auth/redis:1"), LayoutStore(tmp_path / "out"), right).plan.sent
        with pytest.raises(TransferFailed, match="no basic auth credentials") as caught:
            pull(Reference.parse(f"{host}/auth/redis:1"), LayoutStore(tmp_path / "none"), doing())
        assert caught.value.what == f'Head "http://{host}/v2/auth/redis/manifests/1": no basic auth credentials'
        with pytest.raises(TransferFailed, match="unauthorized: authentication required"):
            sent(SAMPLE, f"{host}/auth/redis:2", doing(login=Login("cyo57", "wrong")))


def test_bearer(tmp_path: Path) -> None:
    both, read = {"pull", "push"}, {"pull"}
    rights = {
        "cyo57": {"cyo57/redis": both, "cyo57/copy": both}, "guest": {"cyo57/redis": read},
        "": {"cyo57/copy": read},
    }
    with token_service(tmp_path / "tokens", rights, {"cyo57": "secret", "guest": "guest"}) as (service, auth), \
            real_registry(tmp_path / "registry", BEARER_PORT, auth=auth) as host:
        owner, guest = (doing(login=Login(name, word)) for name, word in (("cyo57", "secret"), ("guest", "guest")))
        sent(SAMPLE, f"{host}/cyo57/redis:1", owner)
        service.asked.clear()
        mounted = sent(SAMPLE, f"{host}/cyo57/copy:1", owner, mount_from=["cyo57/redis"])
        assert mounted.plan.sent == mounted.descriptor.size
        assert ["repository:cyo57/copy:pull,push", "repository:cyo57/redis:pull"] in service.asked, "two scopes"
        assert len(service.asked) == 2, "one token a set of scopes, whatever the number of blobs"
        store = LayoutStore(tmp_path / "out")
        assert pull(Reference.parse(f"{host}/cyo57/redis:1"), store, guest).plan.sent
        assert pull(Reference.parse(f"{host}/cyo57/copy:1"), LayoutStore(tmp_path / "anyone"), doing()).plan.sent
        for how in (guest, doing()):
            with pytest.raises(TransferFailed, match="denied: requested access to the resource is denied"):
                sent(SAMPLE, f"{host}/cyo57/redis:2", how)
        with pytest.raises(TransferFailed, match="denied"):
            pull(Reference.parse(f"{host}/cyo57/redis:1"), LayoutStore(tmp_path / "none"), doing())
        with pytest.raises(TransferFailed, match="unauthorized: incorrect username or password"):
            sent(SAMPLE, f"{host}/cyo57/redis:2", doing(login=Login("cyo57", "wrong")))
        # What one may not mount, one sends: the token reaches to this side alone.
        refused = sent("sample:hello-world", f"{host}/cyo57/copy:2", owner, mount_from=["secret/app"])
        assert {str(step.why) for step in refused.plan.steps[:-1]} == {"refused"} and refused.plan.saved == 0


def test_tls(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path / "tls")
    with real_registry(tmp_path / "registry", TLS_PORT, http=f", tls: {{certificate: {cert}, key: {key}}}") as host:
        secure = Trust(networks=())  # 127.0.0.0/8 is trusted blindly otherwise, and nothing would be seen
        name = f"{host}/tls/redis:1"
        with pytest.raises(TransferFailed, match="x509: certificate signed by unknown authority") as caught:
            sent(SAMPLE, name, doing(trust=secure))
        assert f"/etc/docker/certs.d/{host}/ca.crt" in str(caught.value)
        sent(SAMPLE, name)
        place = tmp_path / "certs.d" / host
        place.mkdir(parents=True)
        shutil.copy(cert, place / "ca.crt")
        trusted = doing(trust=secure, certs=(tmp_path / "certs.d",))
        assert pull(Reference.parse(name), LayoutStore(tmp_path / "out"), trusted).plan.sent


def test_tls_for_another_name(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path / "tls", "DNS:registry.test")
    with real_registry(tmp_path / "registry", TLS_PORT, http=f", tls: {{certificate: {cert}, key: {key}}}") as host:
        place = tmp_path / "certs.d" / host
        place.mkdir(parents=True)
        shutil.copy(cert, place / "ca.crt")
        trusted = doing(trust=Trust(networks=()), certs=(tmp_path / "certs.d",))
        with pytest.raises(TransferFailed, match="x509: certificate is not valid for 127.0.0.1"):
            sent(SAMPLE, f"{host}/tls/redis:1", trusted)
