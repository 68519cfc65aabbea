"""`sim boot IMAGE`: a machine's boot beside a container's start, on one scale."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from shlex import quote

from ..boot.container import Engine, Start, start
from ..boot.container import timeline as container_timeline
from ..boot.contents import contents
from ..boot.export import write_bundle, write_initramfs
from ..boot.hardware import Failure, Machine, failures
from ..boot.machine import Boot, play, timeline
from ..boot.memory import MIB
from ..boot.stages import Way
from ..boot.timeline import Span, Timeline
from ..content.sizes import human_size, parse_size
from ..errors import SimError
from ..image.layer import Image
from ..union.index import Index
from .documents import platform
from .image import opened
from .options import add_image
from .parser import Parser, add_json
from .text import plural, print_json, shown, symbol, table

_WIDTH = 44
_GIB = 1024 * MIB
_IN_WORDS = {"initramfs": "an initramfs", "bundle": "an OCI bundle"}


def parser() -> Parser:
    """Return the command's parser."""
    found = Parser(
        "boot", "Show a machine's boot beside a container's start, on one scale: stages, times, memory, mounts. Exits 1"
        " when the container does not start.",
        "  sim boot sample:ubuntu\n  sim boot app.tar --container\n  sim boot app.tar --vm --fail wrong-root\n"
        "  sim boot app.tar --export-initramfs app.cpio.gz     (for a real machine)\n"
        "  sim boot app.tar --export-bundle app                (for runc or crun)",
    )
    add_image(found)
    which = found.add_mutually_exclusive_group()
    which.add_argument("--vm", action="store_true", help="the machine alone")
    which.add_argument("--container", action="store_true", help="the container alone")
    way = found.add_mutually_exclusive_group()
    way.add_argument("--uefi", action="store_const", dest="way", const=Way.UEFI, help="a machine with UEFI, not BIOS")
    way.add_argument(
        "--direct", action="store_const", dest="way", const=Way.DIRECT, help="an emulator's -kernel: no bootloader"
    )
    way.add_argument(
        "--initramfs", action="store_const", dest="way", const=Way.INITRAMFS, help="the image itself as the initramfs"
    )
    found.set_defaults(way=Way.BIOS)
    found.add_argument("--fail", type=_failure, metavar="WHAT", help=f"break the machine: {', '.join(Failure)}")
    found.add_argument("--memory", type=_size, metavar="SIZE", help="the machine's memory, as 512MiB (default: 256MiB)")
    found.add_argument("--runc", action="store_true", help="the runtime alone, without docker around it")
    export = found.add_mutually_exclusive_group()
    export.add_argument(
        "--export-initramfs", metavar="FILE", help="write the image's files for a kernel to boot; .gz packs them"
    )
    export.add_argument(
        "--export-bundle", metavar="DIR", help="write it as an OCI bundle: a folder with rootfs/ and config.json"
    )
    add_json(found)
    return found


def _failure(text: str) -> Failure:
    try:
        return Failure(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is none of {', '.join(Failure)}") from None


def _size(text: str) -> int:
    try:
        return parse_size(text)
    except SimError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def run(args: argparse.Namespace) -> int:
    """Print both, or one of them."""
    if args.fail is not None and args.container:
        raise SimError("--fail breaks the machine, and --container leaves it out", hint="leave one of them out")
    if args.fail is not None and args.fail not in failures(args.way):
        possible = ", ".join(failures(args.way))
        raise SimError(f"{args.fail} cannot happen on the way {args.way}", hint=f"choose of {possible}")
    image = opened(args.image, args)
    if args.export_initramfs is not None or args.export_bundle is not None:
        return _export(image, args)
    booted = None if args.container else play(machine_for(image, args.way, args.fail, args.memory))
    begun = None if args.vm else start(image, engine=Engine.RUNC if args.runc else Engine.DOCKER)
    vm = None if booted is None else timeline(booted)
    container = None if begun is None else container_timeline(begun)
    if args.json:
        print_json({"vm": vm and vm.to_json(), "container": container and container.to_json()})
    else:
        print("\n".join(_text(image, booted, vm, begun, container)))
    return 0 if begun is None or begun.refused is None else 1


def _export(image: Image, args: argparse.Namespace) -> int:
    left_out: Mapping[str, int] = {}
    if args.export_initramfs is not None:
        path, kind = Path(args.export_initramfs), "initramfs"
        append = write_initramfs(image, path).append
        memory = machine_for(image, Way.INITRAMFS, None, args.memory).memory // MIB
        run = f"qemu-system-x86_64 -m {memory} -nographic -kernel VMLINUZ -initrd {quote(str(path))} -append '{append}'"
    else:
        path, kind = Path(args.export_bundle), "bundle"
        left_out = write_bundle(image, path).left_out
        run = f"runc run --bundle {quote(str(path))} NAME"
    if args.json:
        print_json({kind: str(path), "run": run, "left_out": dict(left_out)})
        return 0
    print(f"{shown(image.name)}, written to {shown(str(path))} as {_IN_WORDS[kind]}")
    for what, count in left_out.items():
        print(f"{plural(count, 'entry', 'entries')} {what}")
    print(f"to run it: {shown(run)}")
    return 0


def machine_for(image: Image, way: Way, failure: Failure | None, memory: int | None) -> Machine:
    """Return the machine that an image's root file system would be booted on."""
    if way is not Way.INITRAMFS:
        return Machine(way, memory or 256 * MIB, failure=failure)
    size = max(1, contents(image, Index.of(image.stack)).size)
    # The archive and its files lie in memory side by side until the archive is freed.
    needed = 2 * size + 128 * MIB
    return Machine(way, memory or -(-needed // _GIB) * _GIB, initrd=size, initrd_files=size, failure=failure)


def _text(
    image: Image, booted: Boot | None, vm: Timeline | None, begun: Start | None, container: Timeline | None
) -> Iterator[str]:
    both = [found for found in (vm, container) if found is not None]
    scale = max(found.total_ms for found in both) / _WIDTH or 1.0
    yield f"{shown(image.name)}  {shown(platform(image))}"
    yield f"one scale for all: a column of the bars is {scale:.0f} ms"
    for found in both:
        yield ""
        yield f"{found.title}: {_seconds(found.total_ms)}, then {found.more['outcome']}"
        yield table(("stage", "at", "takes", ""), [_row(span, scale) for span in found.spans], right=[1, 2])
    if booted is not None and vm is not None:
        yield from _memory("the machine's memory at the end", vm)
    if begun is not None and container is not None:
        yield from _memory("what the container adds to its host's memory", container)
        yield f"  its kernel is the host's: {begun.uname()}"
    for found in both:
        yield ""
        yield f"mounts, {found.title}:"
        yield from (f"  {_clipped(shown(mount))}" for mount in found.more["mounts"] or ["none"])
    for found in both:
        # A machine that comes up prints too much to be of use; a container prints warnings and refusals only.
        if found.more["screen"] and (found is container or found.more["outcome"] != "running"):
            yield ""
            yield f"on the screen, {found.title}:"
            yield from (f"  {shown(line)}".rstrip() for line in found.more["screen"])


def _row(span: Span, scale: float) -> tuple[str, str, str, str]:
    first = int(span.start_ms / scale)
    columns = int((span.start_ms + span.duration_ms) / scale) - first
    bar = symbol("█", "#") * columns or (symbol("▏", "|") if span.duration_ms else "")
    estimate = "~" if span.estimated else ""
    return span.name, _seconds(span.start_ms), f"{estimate}{span.duration_ms:.1f} ms", " " * first + bar


def _seconds(ms: float) -> str:
    return f"{ms / 1000:.3f} s"


def _memory(title: str, found: Timeline) -> Iterator[str]:
    account = found.memory
    yield ""
    yield f"{title}: {human_size(account['used'])}"
    yield f"  held    {_listed(account['regions'])}"
    if account["freed"]:
        yield f"  freed   {_listed(account['freed'])}"
    if account.get("shared"):
        yield f"  shared  {_listed(account['shared'])}"


def _listed(parts: Sequence[dict[str, object]]) -> str:
    return ", ".join(f"{part['name']} {human_size(int(str(part['bytes'])))}" for part in parts) or "nothing"


def _clipped(text: str, width: int = 110) -> str:
    more = symbol("…", "...")
    return text if len(text) <= width else text[: width - len(more)] + more
