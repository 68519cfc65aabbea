"""docker build: the command line, the context, the tags; BuildKit with DOCKER_BUILDKIT=1, or as docker buildx build."""

from __future__ import annotations

from dataclasses import replace

from ..content.sizes import human_size
from ..registry.reference import Reference
from . import images
from .buildkit import Kit
from .builds import Build
from .cmd_archives import on_host
from .command import Stream
from .context import Context, context_of
from .dockerfile import parse
from .job import Fail, Job

_NOT_SIMULATED = ("squash", "ssh", "secret", "output", "iidfile", "cache-from", "platform", "isolation")


def cmd_build(job: Job) -> None:
    """docker build."""
    kit = job.env.get("DOCKER_BUILDKIT") == "1" or job.parsed.words == "buildx build"
    for name in _NOT_SIMULATED:
        if job.parsed.flags.get(name):
            raise Fail(f"docker build --{name} is not simulated here: leave it out\n")
    names = [_name(text) for text in job.parsed.all("tag")]
    text, context, file = _context(job)
    args = dict((one.split("=", 1) + [job.env.get(one, "")])[:2] for one in job.parsed.all("build-arg"))
    quiet, before = job.parsed.on("quiet"), len(job.said)
    if not kit:
        job.out(f"Sending build context to Docker daemon  {human_size4(context.tar_size)}")
    try:
        build = Kit.read(job, text, file, context, args) if kit else Build(job, parse(text, file), context, args)
        image = build.run()
    except Fail:
        if quiet:
            # What was kept back is told when the build fails.
            job.said[before:] = [replace(one, stream=Stream.ERR) for one in job.said[before:]]
        raise
    for ref in names:
        images.tag(job, ref, job.daemon.images[image.id])
    if quiet:
        del job.said[before:]
        job.out(str(images.shown_id(job.daemon, image)))
    if quiet or kit:
        return
    job.out(f"Successfully built {images.short(images.shown_id(job.daemon, image))}")
    for ref in names:
        job.out(f"Successfully tagged {ref}")


def _name(text: str) -> Reference:
    lead = f'invalid argument "{text}" for "-t, --tag" flag: '
    try:
        return images.reference(text)
    except Fail as error:
        raise Fail(f"{lead}{error.what.rstrip()}\nSee 'docker build --help'.\n", 125) from None


def human_size4(count: int) -> str:
    """Return a size as the upload's progress prints it: up to four digits.

    Examples
    --------
    >>> human_size4(3072), human_size4(512)
    ('3.072kB', '512B')
    """
    return f"{float(f'{count / 1000:.4g}'):g}kB" if 1000 <= count < 1_000_000 else human_size(count)


def _context(job: Job) -> tuple[str, Context, str]:
    """Return the Dockerfile's text, the context, and the Dockerfile's name."""
    where, files = job.parsed.args[0], job.host.files
    named = job.parsed.one("file")
    if where == "-":
        return job.stdin.decode("utf-8", "surrogateescape"), Context({}), "Dockerfile"
    if where.startswith(("http://", "https://", "git@")):
        raise Fail("docker build of a URL is not simulated: fetch it first\n")
    folder = on_host(job, where)
    if not files.exists(folder):
        raise Fail(f'unable to prepare context: path "{where}" not found\n')
    if not files.is_dir(folder):
        raise Fail(f"unable to prepare context: context must be a directory: {folder}\n")
    path = on_host(job, named) if named else f"{folder.rstrip('/')}/Dockerfile"
    raw = files.read(_clean(path))
    if raw is None:
        raise Fail("unable to prepare context: unable to evaluate symlinks in Dockerfile path: lstat "
                   f"{_clean(path)}: no such file or directory\n")
    return raw.decode("utf-8", "surrogateescape"), context_of(files, _clean(folder)), path.rpartition("/")[2]


def _clean(path: str) -> str:
    kept: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del kept[-1:]
        elif part not in ("", "."):
            kept.append(part)
    return "/" + "/".join(kept)
