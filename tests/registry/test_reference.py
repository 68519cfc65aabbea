"""Names of images: docker's grammar, its normal and its short forms, its words. Recorded with docker 20.10.24."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.registry.reference import Reference, ReferenceInvalid, is_repository, is_tag

A64 = "a" * 64
FORMAT, LOWER = "invalid reference format", "invalid reference format: repository name must be lowercase"
LONG = "repository name must not be more than 255 characters"


@pytest.mark.parametrize(("text", "full", "short"), [
    ("ubuntu", "docker.io/library/ubuntu:latest", "ubuntu:latest"),
    ("ubuntu:22.04", "docker.io/library/ubuntu:22.04", "ubuntu:22.04"),
    ("docker.io/ubuntu", "docker.io/library/ubuntu:latest", "ubuntu:latest"),
    ("index.docker.io/ubuntu", "docker.io/library/ubuntu:latest", "ubuntu:latest"),
    ("docker.io/library/ubuntu", "docker.io/library/ubuntu:latest", "ubuntu:latest"),
    ("docker.io/library/a/b", "docker.io/library/a/b:latest", "library/a/b:latest"),
    ("cyo57/app", "docker.io/cyo57/app:latest", "cyo57/app:latest"),
    ("a/b/c:1", "docker.io/a/b/c:1", "a/b/c:1"),
    ("a__b", "docker.io/library/a__b:latest", "a__b:latest"),
    ("localhost/x", "localhost/x:latest", "localhost/x:latest"),
    ("localhost", "docker.io/library/localhost:latest", "localhost:latest"),
    ("a.b", "docker.io/library/a.b:latest", "a.b:latest"),
    ("A.b/c:1", "A.b/c:1", "A.b/c:1"),
    ("172.17.0.1:5000/t", "172.17.0.1:5000/t:latest", "172.17.0.1:5000/t:latest"),
    ("registry.cn-hangzhou.aliyuncs.com/cyo57/app:v1", "registry.cn-hangzhou.aliyuncs.com/cyo57/app:v1",
     "registry.cn-hangzhou.aliyuncs.com/cyo57/app:v1"),
    (f"ubuntu@sha256:{A64}", f"docker.io/library/ubuntu@sha256:{A64}", f"ubuntu@sha256:{A64}"),
    (f"ubuntu:1@sha256:{A64}", f"docker.io/library/ubuntu:1@sha256:{A64}", f"ubuntu:1@sha256:{A64}"),
    ("a" * 237, f"docker.io/library/{'a' * 237}:latest", f"{'a' * 237}:latest"),
])  # fmt: skip
def test_what_is_left_out_is_filled_in(text: str, full: str, short: str) -> None:
    found = Reference.parse(text)
    assert (found.full, str(found)) == (full, short)
    assert Reference.parse(str(found)) == Reference.parse(full) == found


@pytest.mark.parametrize(("text", "words"), [
    ("UBUNTU", LOWER), ("Foo/bar", LOWER), ("foo.bar/Baz", LOWER), ("a/B:1", LOWER), ("LOCALHOST/x", LOWER),
    ("Ab/c", LOWER), ("a@X", LOWER),
    ("", FORMAT), (":", FORMAT), ("@", FORMAT), ("ubuntu:", FORMAT), ("ubuntu:-x", FORMAT), ("a___b", FORMAT),
    ("a/../b", FORMAT), ("a b", FORMAT), ("a:b:c", FORMAT), ("-a/b", FORMAT), ("a-/b.c", FORMAT), ("a..b/x", FORMAT),
    ("a.b./x", FORMAT), ("_a/b", FORMAT), ("http://a/b", FORMAT), ("[::1]:5000/x", FORMAT), ("a:B@x", FORMAT),
    (f"ubuntu:{'t' * 129}", FORMAT), ("ubuntu@sha256:abc", FORMAT), ("ubuntu\n", FORMAT), ("ubuntu:1\n", FORMAT),
    (f"ubuntu@md5:{'a' * 32}", "unsupported digest algorithm"),
    (f"ubuntu@foo:{A64}", "unsupported digest algorithm"),
    (f"ubuntu@sha256:{A64.upper()}", "invalid checksum digest format"),
    (f"ubuntu@sha512:{A64}", "invalid checksum digest length"),
    (A64, f"invalid repository name ({A64}), cannot specify 64-byte hexadecimal strings"),
    ("a" * 238, LONG), (f"x.y/{'a' * 252}", LONG),
])  # fmt: skip
def test_what_is_no_name_is_refused_in_dockers_words(text: str, words: str) -> None:
    with pytest.raises(ReferenceInvalid) as caught:
        Reference.parse(text)
    assert str(caught.value) == words


def test_what_a_registry_is_asked_for() -> None:
    assert Reference.parse("a:1").target == "1"
    assert Reference.parse("a").target == "latest"
    assert Reference.parse(f"a:1@sha256:{A64}").target == f"sha256:{A64}"
    assert Reference.parse_plain("a").tag is None


@given(st.text("abAB01._-/:@", max_size=24))
def test_any_text_is_a_name_or_refused(text: str) -> None:
    try:
        found = Reference.parse(text)
    except ReferenceInvalid:
        return
    assert is_repository(found.repository) and (found.tag is None or is_tag(found.tag))
    assert Reference.parse(str(found)) == Reference.parse(found.full) == found
