"""How the tasks of the lessons on lookup and containers are judged: None for a right answer, else what to think of."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from ...errors import SimError
from ...fs.entry import Kind
from ...fs.sketch import file, sketch
from ...image.samples import sample
from ...union.lookup import lookup
from ...union.overlay import OverlayMount
from ...union.upperdir import changes_of, mounted
from ..mounts import run
from ..questions.question import Both

IMAGE = "ubuntu-vim"


def _items(answer: object) -> list[object]:
    return list(answer) if isinstance(answer, Iterable) and not isinstance(answer, str | bytes) else [answer]


def hide(answer: object) -> Both | None:
    """`answer` is a list of marks for a layer that hides what is in /etc, but not /etc."""
    below = [sketch(file("/etc/motd"), file("/etc/vimrc"))]
    try:
        top = sketch(*_items(answer))  # type: ignore[arg-type]
    except (SimError, TypeError):
        return (
            "`mine` is a list of marks, such as directory(\"/etc\").",
            "`mine` 是标记的列表，例如 directory(\"/etc\")。",
        )
    stack = [*below, top]
    etc, *inside = (lookup(stack, path) for path in ("etc", "etc/motd", "etc/vimrc"))
    if not etc.found:
        return "Now /etc is gone as well. Hide only what is in it.", "现在 /etc 也没有了。只要遮住它里面的东西。"
    if any(found.found for found in inside):
        return (
            "A directory merges with those below it. Which mark ends the merge?",
            "目录会和下面的同名目录合并。哪个标记能结束合并？",
        )
    if len(_items(answer)) > 2:
        return (
            "Right for these two names. One mark hides all names at once.",
            "对这两个名字有效。一个标记就能遮住所有名字。",
        )
    return None


def hidden(answer: object) -> Both | None:
    """`answer` is the set of paths that layer 2 whites out."""
    changes = sample(IMAGE).layers[1].changes
    given = {str(path).strip("/") for path in _items(answer)}
    if given == changes.whiteouts:
        return None
    if given == changes.opaques:
        return (
            "Those are the opaque directories. Asked are the whiteouts.",
            "这些是不透明的目录，题目问的是删除标记（whiteout）。",
        )
    return "Read `image.layers[1].changes.whiteouts`.", "看看 `image.layers[1].changes.whiteouts`。"


def _container() -> OverlayMount:
    return mounted([layer.changes for layer in sample(IMAGE).layers])


WANTED = ("C /etc", "D /etc/passwd", "A /etc/users")


def steps(answer: object) -> Both | None:
    """`answer` is a list of operations that leave the wanted differences and copy nothing up."""
    try:
        reports = run(_container(), _items(answer))  # type: ignore[arg-type]
    except (SimError, TypeError, ValueError):
        return (
            "A step is a tuple: the name of an operation and what it is given, such as (\"mkdir\", \"/etc/new\").",
            "每一步是一个元组：操作名和参数，例如 (\"mkdir\", \"/etc/new\")。",
        )
    if any(report.copied for report in reports):
        return (
            "Right or not, that copies a file up. Nothing need be copied.",
            "这会把文件向上复制，而这里什么都不需要复制。",
        )
    if reports and {str(change) for change in changes_of(reports[-1].after)} == set(WANTED):
        return None
    return "Which operation makes docker diff print a D?", "哪个操作会让 docker diff 显示 D？"


@lru_cache
def _sizes() -> tuple[int, int]:
    """Return (bytes that are copied up, bytes of the files, each counted once)."""
    box, copies, once = _container(), 0, {}
    for name in box.readdir("/usr/bin")[1].value:
        path = f"/usr/bin/{name}"
        found = box.lstat(path)[1].value
        if found.kind is Kind.FILE:
            once[found.ino] = found.size
            box, report = box.chmod(path, found.mode & ~0o022)
            copies += report.copied
    return copies, sum(once.values())


def copied(answer: object) -> Both | None:
    """`answer` is how many bytes a chmod of everything in /usr/bin copies up."""
    copies, once = _sizes()
    if answer == copies:
        return None
    if answer == once:
        return (
            "You counted each file once. A copy-up breaks hard links, so each name gets a copy of its own.",
            "你把每个文件只算了一次。向上复制会断开硬链接，所以每个名字各有一份副本。",
        )
    return (
        "Go through box.readdir(\"/usr/bin\")[1].value, chmod each regular file, and go on with the mount you get.",
        "遍历 box.readdir(\"/usr/bin\")[1].value，对每个普通文件执行 chmod，并用返回的挂载继续。",
    )
