"""The certificate that the registry makes: what is in it, who believes it, and when it is made anew."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import stat
import subprocess
import threading
import time
from pathlib import Path

import pytest

from sim.errors import BadInput
from sim.registry.certificate import DAY_S, self_signed
from sim.registry.p256 import B, G, N, P, public_key, sign, verifies
from sim.registry.tls import kept_certificate, server_context

#: RFC 6979, appendix A.2.5: key, public key, and the signature of SHA-256("sample") with its k.
KEY = 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721
PUBLIC = (
    0x60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6,
    0x7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299,
)
HASHED = 0xAF2BDBE1AA9B6EC1E2ADE1D694F41FC71A831D0268E9891562113D8A62ADD1BF
K = 0xA6E3C57DD01ABE90086538398355DD4C3B17AA873382B0F24D6129493D8AAD60
SIGNATURE = (
    0xEFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716,
    0xF7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8,
)


def test_the_curve_answers_as_its_published_example() -> None:
    assert (G[1] ** 2 - G[0] ** 3 + 3 * G[0] - B) % P == 0
    assert public_key(KEY) == PUBLIC
    assert sign(HASHED, KEY, K) == SIGNATURE
    assert verifies(HASHED, SIGNATURE, PUBLIC)
    assert not verifies(HASHED + 1, SIGNATURE, PUBLIC) and not verifies(HASHED, (0, SIGNATURE[1]), PUBLIC)
    assert public_key(N - 1) == (G[0], P - G[1]), "-G"


def handshake(folder: Path, host: str, *, trusted: Path | None) -> str:
    """Shake hands with a server that has the folder's certificate; return the TLS version."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        peer, _ = listener.accept()
        try:
            with server_context(certificate, key).wrap_socket(peer, server_side=True) as secure:
                secure.recv(1)
        except OSError:
            pass

    thread = threading.Thread(target=serve)
    thread.start()
    context = ssl.create_default_context(cafile=None if trusted is None else str(trusted))
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    try:
        with socket.create_connection(listener.getsockname()) as plain, context.wrap_socket(
            plain, server_hostname=host
        ) as secure:
            return secure.version() or ""
    finally:
        thread.join()
        listener.close()


def test_a_client_that_was_handed_it_believes_it(tmp_path: Path) -> None:
    certificate, _ = kept_certificate(tmp_path, ["registry.test", "10.0.0.7"], now=time.time())
    for host in ("127.0.0.1", "localhost", "registry.test", "10.0.0.7", "::1"):
        assert handshake(tmp_path, host, trusted=certificate) == "TLSv1.3"
    with pytest.raises(ssl.SSLCertVerificationError, match="self.signed"):
        handshake(tmp_path, "127.0.0.1", trusted=None)
    with pytest.raises(ssl.SSLCertVerificationError, match="[Hh]ostname"):
        handshake(tmp_path, "elsewhere.test", trusted=certificate)


def test_it_is_kept_as_long_as_it_serves(tmp_path: Path) -> None:
    now = time.time()

    def made(*names: str, at: float = now) -> bytes:
        return kept_certificate(tmp_path, names, now=at)[0].read_bytes()

    first = made()
    assert made() == first, "a second start hands out the same"
    assert made("localhost", at=now + 300 * DAY_S) == first
    second = made("registry.test")
    assert second != first, "a name that it has not"
    assert made() == second, "one name less is no reason"
    assert made(at=now + 365 * DAY_S) != second, "the last day"
    (tmp_path / "key.pem").write_bytes(b"no key")
    assert made() != second, "a key that is none"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_the_key_is_its_owners_alone(tmp_path: Path) -> None:
    _, key = kept_certificate(tmp_path, [], now=time.time())
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_openssl_reads_it(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    for year, pair in ((2049, self_signed(["a.test"], now=2_500_000_000, days=1)),
                       (2050, self_signed(["a.test"], now=2_540_000_000, days=1))):
        (tmp_path / "c").write_text(pair.certificate, encoding="ascii")
        text = subprocess.run(
            [openssl, "x509", "-in", tmp_path / "c", "-noout", "-text"], capture_output=True, encoding="utf-8",
            check=True,
        ).stdout
        assert "DNS:a.test" in text and "CA:TRUE" in text and "prime256v1" in text
        assert f"{year} GMT" in text, "either form of time"


def test_files_that_are_no_pair_are_named(tmp_path: Path) -> None:
    kept_certificate(tmp_path / "one", [], now=time.time())
    kept_certificate(tmp_path / "two", [], now=time.time())
    with pytest.raises(BadInput, match=r"one.cert\.pem.*two.key\.pem.*--tls-cert"):
        server_context(tmp_path / "one" / "cert.pem", tmp_path / "two" / "key.pem")
    with pytest.raises(FileNotFoundError) as absent:
        server_context(tmp_path / "absent.pem", tmp_path / "two" / "key.pem")
    assert "absent.pem" in str(absent.value)
