"""Claims on lists: tags, referrers, the catalog (distribution-spec 1.1, "Content Discovery")."""

from __future__ import annotations

import json

from sim.content.descriptor import OCI_CONFIG, OCI_INDEX, OCI_MANIFEST
from sim.content.digest import Digest
from tests.registry.kit import SBOM, Client, claim, described, document, index, ok, refused

TAGS, REFERRERS = "Listing Tags", "Listing Referrers"
SIGNATURE = "application/vnd.example.signature.v1"


def tagged(client: Client, *tags: str) -> None:
    """Push one image under several tags."""
    raw = client.image()
    for tag in tags:
        client.manifest(raw, tag)


def tags(client: Client, query: str = "") -> list[str]:
    """Return a page of tags."""
    found = document(client("GET", f"tags/list{query}"))
    assert found["name"] == client.repo
    listed: list[str] = found["tags"]
    return listed


@claim("MUST", TAGS, "tags are listed in the order of their bytes; an unknown repository is 404")
def tags_are_sorted(client: Client) -> None:
    tagged(client, "b", "a", "B", "1.10", "1.9", "_x", "A.b-c")
    assert tags(client) == sorted(["b", "a", "B", "1.10", "1.9", "_x", "A.b-c"])
    refused(client.at("absent")("GET", "tags/list"), 404, "NAME_UNKNOWN")


@claim("MUST", TAGS, "n bounds a page, last begins after a tag, whether that exists or not")
def pages_of_tags(client: Client) -> None:
    tagged(client, "a", "b", "c", "d")
    assert tags(client, "?n=2") == ["a", "b"]
    assert tags(client, "?n=2&last=b") == ["c", "d"]
    assert tags(client, "?last=bb") == ["c", "d"]
    assert tags(client, "?last=z") == []
    assert tags(client, "?n=100") == ["a", "b", "c", "d"]


@claim("MUST", TAGS, "n=0 is an empty list without a Link")
def no_tags_wanted(client: Client) -> None:
    tagged(client, "a")
    response = client("GET", "tags/list?n=0")
    ok(response, 200)
    assert document(response)["tags"] == [] and response.header("Link") is None


@claim("MAY", TAGS, "a Link leads from page to page, and the last page has none")
def links_between_pages(client: Client) -> None:
    names = [f"v{number:02}" for number in range(7)]
    tagged(client, *names)
    target, seen = "tags/list?n=3", []
    for _ in range(4):
        response = client("GET", target)
        seen.append(document(response)["tags"])
        link = response.header("Link")
        if link is None:
            break
        assert link.startswith("<") and link.endswith('>; rel="next"')
        target = link[1:].partition(">")[0]
    assert seen == [names[:3], names[3:6], names[6:]]


@claim("MUST", TAGS, "an n that is no number is refused")
def odd_counts_are_refused(client: Client) -> None:
    tagged(client, "a")
    for told in ("-1", "x", "1.5", "9" * 30, "%D9%A1"):
        assert client("GET", f"tags/list?n={told}").status == 400, told


@claim("docker", "Docker's API: catalog", "_catalog lists repositories in pages, also those without tags")
def catalog_lists_repositories(client: Client) -> None:
    made = [client.at(name) for name in ("a", "b", "c")]
    for one in made:
        tagged(one, "1")
    raw = made[1]("GET", "manifests/1").body
    assert isinstance(raw, bytes)
    ok(made[1]("DELETE", f"manifests/{Digest.of(raw)}"), 202)
    names, target = [], "/v2/_catalog?n=2"
    for _ in range(1000):
        response = client("GET", target)
        page = document(response)["repositories"]
        assert len(page) <= 2
        names += page
        link = response.header("Link")
        if link is None:
            break
        target = link[1:].partition(">")[0]
    assert names == sorted(names) and {one.repo for one in made} <= set(names)
    assert made[1].repo not in document(client("GET", f"/v2/_catalog?n=1&last={made[1].repo}"))["repositories"]


def referrers(client: Client, subject: bytes, query: str = "") -> list[dict[str, object]]:
    """Return the referrers of a manifest."""
    response = client("GET", f"referrers/{Digest.of(subject)}{query}")
    assert ok(response, 200, "Content-Type") == {"Content-Type": OCI_INDEX}
    found = document(response)
    assert found["schemaVersion"] == 2 and found["mediaType"] == OCI_INDEX
    listed: list[dict[str, object]] = found["manifests"]
    return listed


@claim("MUST", REFERRERS, "who has none, or does not exist, has an empty list; never 404")
def nobody_is_an_empty_list(client: Client) -> None:
    assert referrers(client.at("absent"), b"never pushed") == []
    assert referrers(client, client.image("1.0")) == []


@claim("MUST", REFERRERS, "a digest that is none is 400")
def odd_subjects_are_refused(client: Client) -> None:
    for told in ("nothing", "sha256:baddigest", "latest"):
        refused(client("GET", f"referrers/{told}"), 400, "DIGEST_INVALID")


@claim("MUST", REFERRERS, "manifests and indexes with the subject are listed, with type and annotations")
def referrers_are_described(client: Client) -> None:
    image = client.image("1.0")
    noted = {"org.example.k": "v", "org.example.z": "ü"}
    sbom = client.about(image, annotations=noted)
    plain = client.image(seed=3, subject=described(image, OCI_MANIFEST))
    several = index(image, subject=described(image, OCI_MANIFEST), annotations={"a": "b"})
    typed = index(image, subject=described(image, OCI_MANIFEST), artifactType=SBOM)
    for raw in (several, typed):
        client.manifest(raw)
    found = {one["digest"]: one for one in referrers(client, image)}
    assert found == {one["digest"]: one for one in (
        described(sbom, OCI_MANIFEST, artifactType=SBOM, annotations=noted),
        described(plain, OCI_MANIFEST, artifactType=OCI_CONFIG),
        described(several, OCI_INDEX, annotations={"a": "b"}),
        described(typed, OCI_INDEX, artifactType=SBOM),
    )}


@claim("MUST", REFERRERS, "subjects that come later, or never, have their referrers")
def referrers_before_their_subject(client: Client) -> None:
    unborn = b"never pushed"
    raw = client.about(unborn)
    assert [one["digest"] for one in referrers(client, unborn)] == [str(Digest.of(raw))]


@claim("SHOULD", REFERRERS, "artifactType filters, and OCI-Filters-Applied says so")
def referrers_by_type(client: Client) -> None:
    image = client.image("1.0")
    sbom, signature = client.about(image, SBOM, seed=1), client.about(image, SIGNATURE, seed=2)
    query = f"?artifactType={SIGNATURE.replace('/', '%2F')}"
    assert [one["digest"] for one in referrers(client, image, query)] == [str(Digest.of(signature))]
    assert client("GET", f"referrers/{Digest.of(image)}{query}").header("OCI-Filters-Applied") == "artifactType"
    assert client("GET", f"referrers/{Digest.of(image)}").header("OCI-Filters-Applied") is None
    assert referrers(client, image, "?artifactType=a/b") == []
    assert {one["digest"] for one in referrers(client, image)} == {str(Digest.of(raw)) for raw in (sbom, signature)}


@claim("MUST", REFERRERS, "a referrer that is deleted is no longer listed")
def deleted_referrers_are_gone(client: Client) -> None:
    image = client.image("1.0")
    first, second = client.about(image, seed=1), client.about(image, seed=2)
    ok(client("DELETE", f"manifests/{Digest.of(first)}"), 202)
    assert [one["digest"] for one in referrers(client, image)] == [str(Digest.of(second))]
    ok(client("DELETE", f"manifests/{Digest.of(image)}"), 202)
    assert len(referrers(client, image)) == 1


@claim("MUST", "Enabling the Referrers API", "what clients list themselves under the fallback tag is in the answer")
def the_fallback_tag_is_read_back(client: Client) -> None:
    image = client.image("1.0")
    sbom = client.about(image)
    tag = str(Digest.of(image)).replace(":", "-")
    kept = index(sbom)
    client.manifest(kept, tag)
    assert client("GET", f"manifests/{tag}").body == kept
    listed = {one["digest"] for one in json.loads(kept)["manifests"]}
    assert listed <= {one["digest"] for one in referrers(client, image)}


@claim("MUST", REFERRERS, "a list too long for one answer goes on behind a Link")
def pages_of_referrers(client: Client) -> None:
    image = client.image("1.0")
    made = {str(Digest.of(client.about(image, seed=n, annotations={"a": "A" * 300_000}))) for n in range(5)}
    target, seen, pages = f"referrers/{Digest.of(image)}?artifactType={SBOM}", [], 0
    while target and pages < 10:
        response = client("GET", target)
        assert response.length <= 4 << 20
        seen += [one["digest"] for one in document(response)["manifests"]]
        link, pages = response.header("Link"), pages + 1
        target = link[1:].partition(">")[0] if link else ""
    assert set(seen) == made and len(seen) == len(made) and pages > 1
