"""The samples' cards: what each image runs, how it came about, which of its numbers are real.

Two sources of numbers, neither of them here any more than as the few figures that are used:

    HUB         compressed layer sizes as Docker Hub listed them for linux/amd64 on 2023-07-12
    MEASURED    an image built on 2026-11-24 as the notes build ubuntu-cyo57: a minimal Debian-family root file
                system, vim installed in a container, committed

Whatever nobody measured is modelled and says so.
"""

from __future__ import annotations

from dataclasses import dataclass

from .config import RunConfig

HUB = "compressed layer sizes: Docker Hub's listing of 2023-07-12, linux/amd64"
MEASURED = (
    "entries, files, directories, links, whiteouts, bytes and compressed size of each layer: "
    "an image built like the notes' ubuntu-cyo57 on 2026-11-24"
)
SHAPES = "file counts and uncompressed sizes of all layers"
SIZES = "the size of each single file"
NAMES = "which files there are: well-known names, and sample-001, sample-002 ... where those run out"
_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of an image's history.

    Attributes
    ----------
    created_by : str
        The instruction; shortened where the real one is a page of shell.
    created : str
        RFC 3339.
    layer : str or None
        The recipe's layer that it made, None where it made none.
    advertised : int
        Bytes of the real compressed layer: what a download of it would move.
    author, comment : str or None
    """

    created_by: str
    created: str
    layer: str | None = None
    advertised: int = 0
    author: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """What is to know of a sample.

    Attributes
    ----------
    name, title : str
    recipe : str
        The file of recipes that holds its layers.
    steps : tuple of Step
        Oldest first.
    run : RunConfig
    measured, modelled : tuple of str
        Which of its numbers are real and whose they are; which are made up.
    """

    name: str
    title: str
    recipe: str
    steps: tuple[Step, ...]
    run: RunConfig
    measured: tuple[str, ...]
    modelled: tuple[str, ...]


def _nop(words: str) -> str:
    # How the classic builder wrote instructions that ran no shell.
    return f"/bin/sh -c #(nop) {words}"


def _add(digits: str) -> str:
    return _nop(f"ADD file:{digits} in / ")


_UBUNTU = "2026-11-24T02:45:21Z"
_UBUNTU_STEPS = (
    Step(_nop(" ARG RELEASE"), _UBUNTU),
    Step(_nop(" LABEL org.opencontainers.image.ref.name=ubuntu"), _UBUNTU),
    Step(_nop(" LABEL org.opencontainers.image.version=24.04"), _UBUNTU),
    Step(_add("140fb5108b4a2861b5718ad03b4a5174bba03589ea8d4c053e6a0b282f439ff3"), _UBUNTU, "ubuntu", 28_615_147),
    Step(_nop(' CMD ["/bin/bash"]'), _UBUNTU),
)
_UBUNTU_RUN = RunConfig(
    env=(_PATH,), cmd=("/bin/bash",),
    labels={"org.opencontainers.image.ref.name": "ubuntu", "org.opencontainers.image.version": "24.04"},
)
_SLIM = "2023-07-04T01:20:00Z"
_SLIM_STEPS = (
    Step(_add("bd80a4461150784e5f2f5a1faa720cc347ad3e30ee0969adbfad574c316f5aef"), _SLIM, "debian-slim", 29_124_829),
    Step(_nop(' CMD ["bash"]'), _SLIM),
)
_ALPINE = "2023-06-14T20:41:59Z"
_ALPINE_STEPS = (
    Step(_add("1da756d12551a0e3e793e02ef87432d69d4968937bd11bed0af215db19dd94cd"), _ALPINE, "alpine", 3_397_879),
    Step(_nop(' CMD ["/bin/sh"]'), _ALPINE),
)
_NGINX = "2023-07-04T17:30:00Z"
_REDIS = "2023-07-11T04:30:00Z"
_REGISTRY = "2023-06-15T06:30:00Z"

CARDS: dict[str, Card] = {card.name: card for card in (
    Card(
        "hello-world", "one static program that prints a greeting", "hello-world",
        (
            Step(_nop("COPY file:201f8f1849e89d53be9f6aa76937f5e209d745abfd15a8552fcf2ba45ab267f9 in / "),
                 "2023-05-04T17:37:03Z", "hello-world", 2_457),
            Step(_nop(' CMD ["/hello"]'), "2023-05-04T17:37:03Z"),
        ),
        RunConfig(env=(_PATH,), cmd=("/hello",)), (HUB,), (SHAPES, SIZES),
    ),
    Card(
        "busybox", "one program under four hundred names, all hard links", "busybox",
        (
            Step(_add("d33bc235bde0698458927440e9b8ac70686d1c73b31817351525ed122f1cffe9"),
                 "2023-06-27T23:38:13Z", "busybox", 2_220_015),
            Step(_nop(' CMD ["sh"]'), "2023-06-27T23:38:13Z"),
        ),
        RunConfig(env=(_PATH,), cmd=("sh",)), (HUB,), (SHAPES, SIZES),
    ),
    Card(
        "alpine", "musl and BusyBox, whose names are symbolic links", "alpine", _ALPINE_STEPS,
        RunConfig(env=(_PATH,), cmd=("/bin/sh",)), (HUB,), (SHAPES, SIZES),
    ),
    Card(
        "debian", "a whole small Debian with manual pages and translations", "debian",
        (
            Step(_add("5d17ca085473e890bd6eca4abf6d324c3181f80692523b83ef25d1c42576b99f"), _SLIM, "debian", 49_551_432),
            Step(_nop(' CMD ["bash"]'), _SLIM),
        ),
        RunConfig(env=(_PATH,), cmd=("bash",)), (HUB,), (SHAPES, SIZES),
    ),
    Card(
        "ubuntu", "the notes' base image", "ubuntu", _UBUNTU_STEPS, _UBUNTU_RUN, (MEASURED,), (SIZES, NAMES),
    ),
    Card(
        "ubuntu-vim", "the notes' ubuntu-cyo57: vim installed in a container of ubuntu, then committed", "ubuntu",
        (*_UBUNTU_STEPS, Step("/bin/bash", "2026-11-24T02:45:46Z", "vim", 14_420_161, "cyo57", "Vim Ubuntu")),
        _UBUNTU_RUN, (MEASURED,), (SIZES, NAMES),
    ),
    Card(
        "nginx", "a web server on Debian slim, in seven layers", "nginx",
        (
            *_SLIM_STEPS,
            Step(_nop(" ENV NGINX_VERSION=1.25.1"), _NGINX),
            Step("/bin/sh -c set -x && groupadd --system --gid 101 nginx && useradd --system --gid nginx nginx "
                 "&& apt-get update && apt-get install --no-install-recommends --no-install-suggests -y nginx",
                 _NGINX, "nginx", 41_460_469),
            Step(_nop("COPY file:7b307b62e82255f040c9812421a30090bf9abf3685f27b02d77fcca99f997911 in / "),
                 _NGINX, "nginx-entrypoint", 625),
            Step(_nop("COPY file:5c18272734349488bd0c94ec8d382c872c1a0a435cca13bd4671353d6021d2cb "
                      "in /docker-entrypoint.d "), _NGINX, "nginx-listen", 959),
            Step(_nop("COPY file:d4375883ed5db364232ccf781e8ad28514cd005edb385d43dbfb984f2c63edb9 "
                      "in /docker-entrypoint.d "), _NGINX, "nginx-resolvers", 367),
            Step(_nop("COPY file:36429cfeeb299f9913b84ea136b004be12fbe4bb4f975a977a3608044e8bfa91 "
                      "in /docker-entrypoint.d "), _NGINX, "nginx-templates", 1_211),
            Step(_nop("COPY file:e57eef017a414ca793499729d80a7b9075790c9a804f930f1417e56d506970cf "
                      "in /docker-entrypoint.d "), _NGINX, "nginx-workers", 1_405),
            Step(_nop(' ENTRYPOINT ["/docker-entrypoint.sh"]'), _NGINX),
            Step(_nop(" EXPOSE 80"), _NGINX),
            Step(_nop(" STOPSIGNAL SIGQUIT"), _NGINX),
            Step(_nop(' CMD ["nginx" "-g" "daemon off;"]'), _NGINX),
        ),
        RunConfig(
            env=(_PATH, "NGINX_VERSION=1.25.1"), entrypoint=("/docker-entrypoint.sh",),
            cmd=("nginx", "-g", "daemon off;"), exposed_ports=("80/tcp",), stop_signal="SIGQUIT",
        ),
        (HUB,), (SHAPES, SIZES),
    ),
    Card(
        "redis", "a key-value store on the same Debian slim layer as nginx", "redis",
        (
            *_SLIM_STEPS,
            Step("/bin/sh -c groupadd -r -g 999 redis && useradd -r -g redis -u 999 redis",
                 _REDIS, "redis-user", 1_125),
            Step(_nop(" ENV GOSU_VERSION=1.16"), _REDIS),
            Step("/bin/sh -c set -eux; apt-get update; apt-get install -y --no-install-recommends ca-certificates "
                 "gnupg wget; wget -O /usr/local/bin/gosu; apt-get purge -y --auto-remove", _REDIS, "gosu", 1_436_845),
            Step(_nop(" ENV REDIS_VERSION=7.0.12"), _REDIS),
            Step("/bin/sh -c set -eux; apt-get update; apt-get install -y --no-install-recommends gcc libc6-dev "
                 "libssl-dev make; make -C /usr/src/redis install; rm -r /usr/src/redis", _REDIS, "redis", 17_561_651),
            Step("/bin/sh -c mkdir /data && chown redis:redis /data", _REDIS, "redis-data", 133),
            Step(_nop(" VOLUME [/data]"), _REDIS),
            Step(_nop(" WORKDIR /data"), _REDIS),
            Step(_nop("COPY file:e873a0e3c13001b5e1c63f9dbe60cc65722af522671787f68b8e8cbcae7d02ac in /usr/local/bin/ "),
                 _REDIS, "redis-entrypoint", 575),
            Step(_nop(' ENTRYPOINT ["docker-entrypoint.sh"]'), _REDIS),
            Step(_nop(" EXPOSE 6379"), _REDIS),
            Step(_nop(' CMD ["redis-server"]'), _REDIS),
        ),
        RunConfig(
            env=(_PATH, "GOSU_VERSION=1.16", "REDIS_VERSION=7.0.12"), entrypoint=("docker-entrypoint.sh",),
            cmd=("redis-server",), working_dir="/data", exposed_ports=("6379/tcp",), volumes=("/data",),
        ),
        (HUB,), (SHAPES, SIZES),
    ),
    Card(
        "registry", "the registry of the notes, on Alpine's layer", "registry",
        (
            *_ALPINE_STEPS,
            Step("/bin/sh -c apk add --no-cache ca-certificates", _REGISTRY, "registry-certificates", 284_706),
            Step("/bin/sh -c set -eux; version='2.8.2'; wget -O registry.tar.gz; tar --extract --file registry.tar.gz "
                 "--directory /bin/ registry; registry --version", _REGISTRY, "registry", 5_908_098),
            Step(_nop("COPY file:4544cc1555469403b322faecc1cf1ca584667c43a6a60b17300f97840c04196e "
                      "in /etc/docker/registry/config.yml "), _REGISTRY, "registry-config", 400),
            Step(_nop(" VOLUME [/var/lib/registry]"), _REGISTRY),
            Step(_nop(" EXPOSE 5000"), _REGISTRY),
            Step(_nop("COPY file:507caa54f88c1f3862e5876e09a108b2083630ba24c57ad124e356a2de861d62 in /entrypoint.sh "),
                 _REGISTRY, "registry-entrypoint", 214),
            Step(_nop(' ENTRYPOINT ["/entrypoint.sh"]'), _REGISTRY),
            Step(_nop(' CMD ["/etc/docker/registry/config.yml"]'), _REGISTRY),
        ),
        RunConfig(
            env=(_PATH,), entrypoint=("/entrypoint.sh",), cmd=("/etc/docker/registry/config.yml",),
            exposed_ports=("5000/tcp",), volumes=("/var/lib/registry",),
        ),
        (HUB,), (SHAPES, SIZES),
    ),
)}
