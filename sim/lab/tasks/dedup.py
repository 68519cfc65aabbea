"""How the tasks of the lesson on deduplication are judged: None for a right answer, else what to think of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..questions.question import Both
from .images import NO_WORLD

if TYPE_CHECKING:
    from ...dedup.sharing import Usage
    from ...image.layer import Image

VIM = "usr/share/vim"
GROUP_MAY_WRITE = 0o020


def _image(world: Any, name: str) -> Image | None:
    """Return an image of the one host of a world."""
    from ...engine.cmd_archives import image_value
    from ...engine.images import find

    daemon = next(iter(world.hosts.values())).daemon
    found = find(daemon, name)
    return None if found is None else image_value(world.stock, found, name)


def kept(answer: object) -> Both | None:
    """`answer` is how many bytes of files app:1 and app:2 need when each content is kept once."""
    from ...dedup.sharing import files
    from ...dedup.subject import Subject
    from ..places import PLACES

    world = PLACES["10.3"]().world
    subjects = [Subject.of(image) for name in ("app:1", "app:2") if (image := _image(world, name)) is not None]
    share = files(subjects)
    by_path = {
        path: entry.size
        for subject in subjects for changes in subject.stack for path, entry in changes.entries.items()
    }
    if answer == share.unique_bytes:
        return None
    if answer == share.total_bytes:
        return (
            "That is every file of each image. Equal contents count once: entry.data.sha256 tells them apart.",
            "这是两个镜像的全部文件。相同的内容只算一次：区分内容的是 entry.data.sha256。",
        )
    if answer == sum(by_path.values()):
        return (
            "That is one file a path. /app/data has two contents, and both are kept.",
            "这是每个路径只算一个文件。/app/data 有两种内容，两种都要保留。",
        )
    return (
        "Take each content once, by entry.data.sha256, and add up the sizes.",
        "每种内容（看 entry.data.sha256）只取一次，再把大小加起来。",
    )


def lean(answer: object) -> Both | None:
    """`answer` is a world with an image lean:1 that shows vim's files as open:1 does, and hides nothing needlessly."""
    from ...dedup.offenders import offenders
    from ...dedup.sharing import usage
    from ...dedup.subject import Subject
    from ...engine.world import World

    if not isinstance(answer, World) or not answer.hosts:
        return NO_WORLD
    image = _image(answer, "lean:1")
    if image is None:
        return ("There is no image lean:1 yet.", "还没有镜像 lean:1。")
    found = usage(Subject.of(image))
    wrong = _not_as_wanted(found)
    if wrong is not None:
        return wrong
    # What every installation rewrites is the price of a layer: nobody can save it.
    worst = next((one for one in offenders(found.subject, found.copies) if one.advice != "advice.database"), None)
    if worst is None:
        return None
    return (
        f"Layer {worst.by} hides {worst.bytes:,} bytes of layer {worst.layer}. Do it in the instruction that wrote "
        "them.",
        f"第 {worst.by} 层遮住了第 {worst.layer} 层的 {worst.bytes:,} 字节。把它放进写出这些字节的那条指令里。",
    )


def _not_as_wanted(found: Usage) -> Both | None:
    from ...fs.entry import Kind
    from ...union.index import Index

    index = Index.of(found.subject.stack)
    below = list(index.walk(None, VIM)) if index.get(VIM) is not None else []
    files = [entry for _, _, entry in below if entry.kind is Kind.FILE]
    if not files:
        return (f"lean:1 has no files below /{VIM}: it is to have vim.",
                f"lean:1 的 /{VIM} 之下没有文件：它应当装有 vim。")
    if not all(entry.mode & GROUP_MAY_WRITE for entry in files):
        return (f"Not every file below /{VIM} can be written by its group.", f"/{VIM} 之下还有文件不允许组写入。")
    return None
