"""docker's conversation with one registry: the ping, the trust, the login, and the words for what goes wrong.

    https first, always; http second, and only where the registry is in insecure-registries or in 127.0.0.0/8
    -> http: server gave HTTP response to HTTPS client         a plain registry that was not declared
    -> dial tcp ...: connect: connection refused               nobody listens
    -> no basic auth credentials / denied: ...                 who asks may not
"""

from __future__ import annotations

from ..content.descriptor import MANIFEST_TYPES
from ..errors import BadInput
from ..registry.credentials import Helper, Login, parse_config
from ..registry.messages import Request, Response
from ..registry.trust import DOCKER_IO_HOST, Trust
from . import remotes
from .job import Fail, Job
from .network import Place, place_of

CONFIG = "/root/.docker/config.json"
ACCEPT = ", ".join(sorted(MANIFEST_TYPES))
DENIED = "denied: requested access to the resource is denied"


def trust_of(job: Job) -> Trust:
    """Return what the daemon trusts blindly, by its configuration as last loaded."""
    try:
        return Trust.of(job.daemon.settings.insecure)
    except BadInput:
        return Trust()


class Session:
    """A conversation.

    Parameters
    ----------
    job : Job
        Its world's registry changes as the conversation goes on.
    registry : str
        As a reference names it.
    mirror : str
        The address of a mirror that is asked in the registry's place: ``http://127.0.0.1:5000``.

    Raises
    ------
    Fail
        There is no talking to it; the text is what a push prints, without a line end.
    """

    def __init__(self, job: Job, registry: str, mirror: str = "") -> None:
        self.job, self.registry = job, registry
        self.place = self._mirrored(mirror) if mirror else self._pinged()
        self.login = None if mirror else login_of(job, registry)

    def _mirrored(self, mirror: str) -> Place:
        """Reach a mirror; its address says whether it is spoken to by http, whatever is insecure."""
        scheme, _, host = mirror.rstrip("/").rpartition("://")
        self.scheme = scheme or "https"
        place = place_of(self.job.world, self.job.name, host, 80 if scheme == "http" else 443)
        if place.trouble or remotes.state_of(self.job.world, place) is None:
            raise Fail(f'Get "{mirror}/v2/": {place.trouble or "no registry answers there"}')
        if not place.tls and self.scheme == "https":
            raise _plain(host)
        return place

    def _pinged(self) -> Place:
        job, host = self.job, DOCKER_IO_HOST if self.registry == "docker.io" else self.registry
        place = place_of(job.world, job.name, self.registry)
        insecure = trust_of(job).is_insecure(self.registry, [place.address] if place.address else [])
        scheme = "http" if insecure else "https"
        if place.trouble:
            raise Fail(f'Get "{scheme}://{host}/v2/": {place.trouble}')
        if remotes.state_of(job.world, place) is None:
            if not insecure:
                raise _plain(host)
            raise Fail("error parsing HTTP 404 response body: invalid character '<' looking for beginning of value: "
                       f'"<html>404 Not Found</html>" (what listens at {host} is no registry)')
        if not place.tls and not insecure:
            job.because(f"{self.registry} speaks plain HTTP, and this machine's docker was not told to accept that: "
                        "insecure-registries in ITS /etc/docker/daemon.json, then reload; the registry needs nothing")
            raise _plain(host)
        self.scheme = "https" if place.tls else scheme
        job.tell("request", host, f"GET {self.scheme}://{host}/v2/", status=200)
        return place

    def ask(self, method: str, target: str, body: bytes = b"", kind: str = "", *, told: bool = True) -> Response:
        """Send a request with its body; the world's registry changes with it. What docker need not send is not told."""
        headers = (("Accept", ACCEPT), *((("Content-Type", kind),) if kind else ()))
        request = Request(method, target, headers, body)
        job = self.job
        job.world, response = remotes.ask(job.world, self.place, request, self._shown())
        if told:
            self._told(method, target, response, len(body))
        return response

    def give(self, method: str, target: str, size: int) -> Response:
        """Send bytes that the stock holds to an upload, or none and end it."""
        job = self.job
        request = Request(method, target)
        job.world, response = remotes.give(job.world, self.place, request, self._shown(), size)
        self._told(method, target, response, size)
        return response

    def _told(self, method: str, target: str, response: Response, sent: int) -> None:
        self.job.tell("request", self.registry, f"{method} {target} -> {response.status} {response.reason}",
                      status=response.status, method=method, target=target, bytes=sent)

    def _shown(self) -> tuple[str, str] | None:
        return None if self.login is None else (self.login.name, self.login.password)


def _plain(host: str) -> Fail:
    return Fail(f'Get "https://{host}/v2/": http: server gave HTTP response to HTTPS client')


def login_of(job: Job, registry: str) -> Login | None:
    """Return the login that docker has for a registry, by ~/.docker/config.json."""
    raw = job.host.files.read(CONFIG)
    if raw is None:
        return None
    try:
        found = parse_config(raw, where=CONFIG).find(registry)
    except BadInput:
        job.err(f"WARNING: Error loading config file: {CONFIG}: invalid character in it")
        return None
    return None if isinstance(found, Helper) else found
