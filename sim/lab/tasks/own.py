"""How the tasks of the lesson on one's own image are judged: by what the model says of the images themselves."""

from __future__ import annotations

from ...dedup.offenders import offenders
from ...dedup.sharing import usage
from ...dedup.subject import Subject
from ...image.layer import Image
from ..questions.question import Both
from ..texts.dedup import DEDUP_STRINGS
from ..texts.misconceptions import told
from .images import NO_WORLD

SLIM = "app:3"
SPARE = 100_000
"""Bytes that may be hidden: the base's own files that an installation rewrites."""


def worst(answer: object) -> Both | None:
    """`answer` is an image and the number of the layer that stores the most bytes which another one hides."""
    image, number = answer if isinstance(answer, tuple) and len(answer) == 2 else (None, None)
    if not isinstance(image, Image):
        return ("Give both: lab.check(\"11.worst\", (mine, worst))",
                "两个都要给：lab.check(\"11.worst\", (mine, worst))")
    subject = Subject.of(image)
    hidden = [layer.shadowed for layer in usage(subject).layers]
    if type(number) is not int or not 1 <= number <= len(hidden):
        return (
            "Which layer stores the most bytes that nobody sees? Put its number into worst; the base is 1.",
            "哪一层存的字节中没人看得见的最多？把它的编号写进 worst，基础层是 1。",
        )
    if hidden[number - 1] == max(hidden):
        return None
    if number == 1 + max(range(len(hidden)), key=lambda place: usage(subject).layers[place].stored):
        return (
            "That is the largest layer, but what it holds is seen. Look for a layer whose files a later one "
            "deletes, writes "
            "again or changes in their mode.",
            "这是最大的一层，可它的内容看得见。找一找哪一层的文件被后面的层删掉、重写或者改了权限。",
        )
    return ("Fewer bytes of that layer are hidden than of another.", "这一层被遮住的字节不是最多的。")


def slim(answer: object) -> Both | None:
    """`answer` is a world with an image app:3 that does what app:1 does and hides next to nothing."""
    from ...engine.cmd_archives import image_value
    from ...engine.goals_seats import layers_of, works
    from ...engine.images import find
    from ...engine.internet import HOST
    from ...engine.terminal import Seat
    from ...engine.world import World

    if not isinstance(answer, World) or HOST not in answer.hosts:
        return NO_WORLD
    seat, held = Seat(answer), find(answer.hosts[HOST].daemon, SLIM)
    if held is None:
        return (f"There is no image {SLIM} yet.", f"还没有镜像 {SLIM}。")
    if not works(seat, f"docker run --rm {SLIM} sh -c 'test -x /opt/tool && which vim'"):
        return (f"{SLIM} lacks vim, or /opt/tool may not be executed there.",
                f"{SLIM} 里没有 vim，或者 /opt/tool 不能执行。")
    below = layers_of(seat, "app:1")
    if layers_of(seat, SLIM)[: len(below)] == below:
        return told(1, "en").truth, told(1, "zh").truth
    subject = Subject.of(image_value(answer.stock, held, SLIM))
    found = offenders(subject, usage(subject).copies)
    if sum(one.bytes for one in found) <= SPARE:
        return None
    english, chinese = DEDUP_STRINGS[found[0].advice]
    return f"Layer {found[0].layer} still stores bytes that nobody sees. {english}", (
        f"第 {found[0].layer} 层还存着没人看得见的字节。{chinese}")
