"""What the simulated docker asks of registries, in the order in which a real one was seen to ask."""

from __future__ import annotations

import re

from tests.worldkit import Typist


def requests(typist: Typist, line: str) -> list[str]:
    """What a line asked of registries: method and what it was about."""
    told = [event.words.split(" -> ")[0].split("?")[0] for event in typist(line).events if event.kind == "request"]
    return [re.sub(r"(sha256:|uploads/)[0-9a-f-]+", r"\1…", words) for words in told]


def test_the_requests_are_those_that_a_real_docker_was_seen_to_send() -> None:
    typist = Typist()
    typist.all("docker pull busybox\ndocker run -d -p 5000:5000 registry\ndocker tag busybox 127.0.0.1:5000/b")
    blob = ["POST /v2/b/blobs/uploads/", "PATCH /v2/b/blobs/uploads/…", "PUT /v2/b/blobs/uploads/…",
            "HEAD /v2/b/blobs/sha256:…"]
    ping = "GET http://127.0.0.1:5000/v2/"
    assert requests(typist, "docker push 127.0.0.1:5000/b") == [
        ping, *blob, "HEAD /v2/b/blobs/sha256:…", *blob, "PUT /v2/b/manifests/latest",
    ]
    assert requests(typist, "docker push 127.0.0.1:5000/b") == [
        ping, *["HEAD /v2/b/blobs/sha256:…"] * 2, "PUT /v2/b/manifests/latest",
    ]
    assert requests(typist, "docker pull 127.0.0.1:5000/b") == [ping, "HEAD /v2/b/manifests/latest"]
    typist.all("docker rmi busybox 127.0.0.1:5000/b")
    assert requests(typist, "docker pull 127.0.0.1:5000/b") == [
        ping, "HEAD /v2/b/manifests/latest", "GET /v2/b/manifests/sha256:…", *["GET /v2/b/blobs/sha256:…"] * 2,
    ]
