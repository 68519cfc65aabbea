"""`sim dedup IMAGE…`: what of each image nobody sees, who hid it, and what the images share."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import fill

from ..content.sizes import human_size, parse_size
from ..dedup.chunking import Method, Rule
from ..dedup.offenders import Offender, offenders
from ..dedup.pipeline import settle
from ..dedup.scores import Difference, Dive, Slim, differences, dive, slim
from ..dedup.sharing import DockerSize, Share, Usage, blobs, chunks, docker_sizes, files, layers, usage
from ..dedup.subject import Subject
from ..errors import SimError
from ..lab.texts.dedup import DEDUP_STRINGS
from ..source import open_subject
from .documents import Json, share_document
from .options import add_insecure, add_limits, limits_of
from .parser import Parser, add_json
from .progress import Bar
from .text import clipped, plural, print_json, shown, table

SHOWN_OFFENDERS = 5
"""Offenders that the text shows for one image; the JSON has them all."""
NAMED_PATHS = 10
"""Paths that the JSON names for one offender, the largest."""


def parser() -> Parser:
    """Return the command's parser."""
    found = Parser(
        "dedup", "Count what images store twice: bytes that a later layer hides and which instruction hid them; layers,"
        " files and chunks in common. Damaged layers are left out and told of: then it exits 1.",
        "  sim dedup app.tar\n  sim dedup old.tar new.tar --chunks\n"
        "  sim dedup app.tar --chunks --average 64Ki --json\n  sim dedup --index all.idx *.tar",
    )
    found.add_argument(
        "images", nargs="+", metavar="IMAGE", help="docker-save archive, OCI layout, sample:NAME, or a registry's image"
    )
    found.add_argument("--chunks", action="store_true", help="cut the layers into chunks, too")
    found.add_argument(
        "--average", type=_size, metavar="SIZE",
        help="with --chunks: nominal size of a chunk (default: 8Ki; 256 to 4Mi)",
    )
    found.add_argument(
        "--method", choices=list(map(str, Method)), help="with --chunks: how they are cut (default: fastcdc)"
    )
    found.add_argument(
        "--index", metavar="FILE", help="keep fingerprints of the images in this file, read those alone that are not in"
        " it yet, and count what all images in it share",
    )
    found.add_argument(
        "--check", action="store_true", help="with --index: read all of the index first, in search of damage"
    )
    found.add_argument(
        "--scheduler", metavar="ADDRESS",
        help="with --index: read images on the Dask cluster of this scheduler, whose workers see the same files",
    )
    add_limits(found)
    add_insecure(found)
    add_json(found)
    return found


def _size(text: str) -> int:
    try:
        return parse_size(text)
    except SimError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


@dataclass(frozen=True, slots=True)
class _Answer:
    """What is printed of one image: its argument, what it is called, and what was counted."""

    argument: str
    title: str
    usage: Usage
    dive: Dive
    slim: Slim
    reasons: tuple[Difference, ...]
    offenders: tuple[Offender, ...]
    docker: DockerSize


def run(args: argparse.Namespace) -> int:
    """Print the images and what they share."""
    rule = _rule(args)
    if args.index is not None:
        from . import corpus

        return corpus.run(args, rule)
    if args.scheduler is not None or args.check:
        raise SimError(f"{'--check' if args.scheduler is None else '--scheduler'} is for many images",
                       hint="give --index FILE, too")
    with Bar() as bar:
        subjects = [
            open_subject(
                argument, rule=rule, platform=args.platform, limits=limits_of(args), progress=bar,
                insecure=args.insecure,
            )
            for argument in args.images
        ]
        settle(subjects, progress=bar)
    answers = [
        _Answer(argument, title, *_counted(subject), size)
        for argument, title, subject, size in zip(
            args.images, _titles(args.images, subjects), subjects, docker_sizes(subjects), strict=True
        )
    ]
    shares = {"layer": layers(subjects), "file": files(subjects), "chunk": chunks(subjects) if args.chunks else None}
    sent = blobs(subjects)
    if args.json:
        print_json(_document(answers, shares, sent, rule))
    else:
        print("\n".join(_text(answers, shares, sent, rule)))
    return 1 if any(subject.damaged for subject in subjects) else 0


def _rule(args: argparse.Namespace) -> Rule | None:
    if args.chunks:
        return Rule.of(args.method or Method.FASTCDC, 8192 if args.average is None else args.average)
    if args.average is not None or args.method is not None:
        raise SimError(f"{'--method' if args.average is None else '--average'} is for chunks",
                       hint="give --chunks, too")
    return None


def _titles(arguments: Sequence[str], subjects: Sequence[Subject]) -> list[str]:
    """Return what the images are called: two builds of one tag have one name, and are told apart by where they lie."""
    names = Counter(subject.name for subject in subjects)
    return [
        f"{subject.name} ({argument})" if names[subject.name] > 1 and argument != subject.name else subject.name
        for argument, subject in zip(arguments, subjects, strict=True)
    ]


def _counted(subject: Subject) -> tuple[Usage, Dive, Slim, tuple[Difference, ...], tuple[Offender, ...]]:
    found = usage(subject)
    return (
        found, dive(subject.stack), slim(found.copies), differences(subject.stack, found.copies),
        offenders(subject, found.copies),
    )


def _document(
    answers: Sequence[_Answer], shares: dict[str, Share | None], sent: Share, rule: Rule | None
) -> Json:
    return {
        "images": [_image(answer) for answer in answers],
        "sharing": {unit: share and share_document(share) for unit, share in {**shares, "blob": sent}.items()},
        "chunking": rule and {
            "method": str(rule.method), "min": rule.min_size, "average": rule.avg_size, "max": rule.max_size,
        },
        "damaged_layers": sum(len(answer.usage.subject.damaged) for answer in answers),
    }


def _image(answer: _Answer) -> Json:
    found, subject, docker = answer.usage, answer.usage.subject, answer.docker
    return {
        "name": subject.name,
        "argument": answer.argument,
        "image_id": str(subject.image_id),
        "stored_bytes": found.totals.stored_bytes,
        "live_bytes": found.totals.live_bytes,
        "shadowed_bytes": found.totals.hidden_bytes,
        "sent_bytes": found.sent,
        "efficiency": found.efficiency,
        "dive": {
            "score": answer.dive.score, "user_bytes": answer.dive.user_bytes, "user_wasted": answer.dive.user_wasted,
            "wasted_bytes": answer.dive.wasted_bytes,
        },
        "slim": {
            "wasted_bytes": answer.slim.wasted_bytes, "contents": answer.slim.contents, "paths": answer.slim.paths,
        },
        "differences": [
            {"key": reason.key, "bytes": reason.bytes, "words": _reason(reason)} for reason in answer.reasons
        ],
        "offenders": [_offender(offender) for offender in answer.offenders],
        "docker": {"size": docker.size, "shared_size": docker.shared, "unique_size": docker.unique},
        "layers": [
            {
                "layer": use.number, "digest": str(part.digest), "diffID": str(part.diff_id),
                "stored_bytes": use.stored, "live_bytes": use.live, "shadowed_bytes": use.shadowed,
                "sent_bytes": use.sent, "created_by": part.created_by,
            }
            for use, part in zip(found.layers, subject.parts, strict=True)
        ],
        "damaged": [{"layer": one.number, "why": one.why} for one in subject.damaged],
    }


def _offender(offender: Offender) -> Json:
    return {
        "layer": offender.layer, "hidden_by": offender.by, "fate": str(offender.fate), "bytes": offender.bytes,
        "files": offender.files, "made_by": offender.made_by, "hidden_by_words": offender.hidden_by,
        "paths": [{"path": copy.path, "bytes": copy.size} for copy in offender.copies[:NAMED_PATHS]],
        "advice": {"key": offender.advice, "words": DEDUP_STRINGS[offender.advice][0]},
    }


def _reason(reason: Difference) -> str:
    return DEDUP_STRINGS[reason.key][0].format(size=human_size(reason.bytes))


def _text(
    answers: Sequence[_Answer], shares: dict[str, Share | None], sent: Share, rule: Rule | None
) -> Iterator[str]:
    for answer in answers:
        yield from _image_text(answer)
        yield ""
    several = len(answers) > 1
    yield f"in common {'among the images' if several else 'within the image'}"
    units = {"blobs, as sent": sent, "layers": shares["layer"], "files": shares["file"], "chunks": shares["chunk"]}
    yield table(("unit", "used", "kept once", "ratio"), [
        (unit, human_size(share.total_bytes), human_size(share.unique_bytes), f"{share.ratio:.3g}x")
        for unit, share in units.items() if share is not None
    ], right=(1, 2, 3))
    if rule is not None:
        yield f"chunks: {rule}, of the uncompressed tars"
    if several:
        yield ""
        yield "as docker system df -v counts them, in one docker"
        yield table(("image", "size", "shared size", "unique size"), [
            (shown(answer.title), *map(human_size, (one.size, one.shared, one.unique)))
            for answer in answers for one in [answer.docker]
        ], right=(1, 2, 3))


def _image_text(answer: _Answer) -> Iterator[str]:
    found, subject = answer.usage, answer.usage.subject
    counted = found.totals
    yield shown(answer.title)
    for damaged in subject.damaged:
        yield f"layer {damaged.number} is damaged and left out: {shown(damaged.why)}"
    yield (
        f"{human_size(counted.stored_bytes)} in the files of {plural(len(subject.parts), 'layer')},"
        f" {human_size(found.sent)} sent; {human_size(counted.hidden_bytes)} of the files nobody sees"
        f" (seen / stored: {found.efficiency:.4f})"
    )
    yield table(("layer", "stored", "seen", "shadowed", "sent", "created by"), [
        (str(use.number), *map(human_size, (use.stored, use.live, use.shadowed, use.sent)), clipped(part.created_by))
        for use, part in zip(found.layers, subject.parts, strict=True)
    ], right=range(5))
    yield (
        f"dive: score {answer.dive.score:.4f}, {human_size(answer.dive.wasted_bytes)} wasted"
        f" ({answer.dive.user_wasted:.1%} of what lies above the base);"
        f" slim: {human_size(answer.slim.wasted_bytes)} wasted"
    )
    yield from (f"  {_reason(reason)}" for reason in answer.reasons)
    for offender in answer.offenders[:SHOWN_OFFENDERS]:
        yield from _offender_text(offender)
    if len(answer.offenders) > SHOWN_OFFENDERS:
        rest = answer.offenders[SHOWN_OFFENDERS:]
        yield f"{human_size(sum(one.bytes for one in rest))} more in {plural(len(rest), 'case')}: --json has them all"


def _offender_text(offender: Offender) -> Iterator[str]:
    most = offender.copies[0]
    more = f" and {offender.files - 1:,} more" if offender.files > 1 else ""
    yield (
        f"{human_size(offender.bytes)} of layer {offender.layer}, hidden by layer {offender.by}"
        f" ({clipped(offender.hidden_by) or 'no instruction told'}): {shown('/' + most.path)}{more},"
        f" {DEDUP_STRINGS[f'fate.{offender.fate}'][0]}"
    )
    yield fill(DEDUP_STRINGS[offender.advice][0], 100, initial_indent="  ", subsequent_indent="  ")

