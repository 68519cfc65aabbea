"""Tasks that a learner solves in code, each checked against what the model computes, never against a stored answer.

A wrong answer is met with the misconception that it shows, where it shows one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ...content.digest import Digest
from ...errors import BadInput
from ...image.layer import Image
from ...image.samples import advertised_size, sample
from ..challenges import GOAL_NAMES
from ..questions.question import Both
from ..text import LANGUAGES, t
from ..texts.goals import GOAL_STRINGS
from .boot import freed, saved
from .dedup import kept as kept_once
from .dedup import lean
from .images import gone, greets, key, stored
from .own import slim, worst
from .registries import app, kept, reached
from .transfers import left, planned
from .union import copied, hidden, hide, steps


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done, and how an answer is judged.

    Attributes
    ----------
    ask : (str, str)
        English and Chinese.
    judge : callable
        Returns None for a right answer, else what to think of, in both languages.
    """

    ask: Both
    judge: Callable[[object], Both | None]


def _digests(items: Iterable[object]) -> set[Digest]:
    found: set[Digest] = set()
    for item in items:
        if isinstance(item, Image):
            found |= {layer.descriptor.digest for layer in item.layers}
        elif isinstance(item, Digest):
            found.add(item)
    return found


def _here(answer: object) -> Both | None:
    given = _digests(answer if isinstance(answer, list | tuple | set | frozenset) else [answer])
    nginx, redis = _digests([sample("nginx")]), _digests([sample("redis")])
    if given == nginx or given == nginx & redis:
        return None
    if given >= redis:
        return (
            "If redis were here already, nothing would be left to pull. Only nginx was pulled.",
            "如果 redis 已经在本地，就没有什么可拉取的了。只拉取过 nginx。",
        )
    return (
        "Name what is stored after `docker pull nginx`: the image nginx, or the digests of its layers.",
        "写出 `docker pull nginx` 之后本地存着什么：镜像 nginx，或者它各层的摘要。",
    )


def _saved(answer: object) -> Both | None:
    images = [sample("nginx"), sample("redis")]
    shared = _digests(images[:1]) & _digests(images[1:])
    layers = [layer for layer in images[0].layers if layer.descriptor.digest in shared]
    every = sum(layer.tar_size for image in images for layer in image.layers)
    if answer == sum(layer.tar_size for layer in layers):
        return None
    if answer in (sum(map(advertised_size, layers)), sum(layer.descriptor.size for layer in layers)):
        return (
            "Those are bytes of blobs. The task asks for the unpacked tars: `layer.tar_size`.",
            "这是 blob 的字节数。题目问的是解压后的 tar：`layer.tar_size`。",
        )
    if answer in (every, every - sum(layer.tar_size for layer in layers)):
        return (
            "That is what is stored. What is saved are the layers that would otherwise be stored twice.",
            "这是存储的总量。省下的是本来要存两份的那些层。",
        )
    return (
        "Find the layers whose `descriptor.digest` both images have, and add up their `tar_size`.",
        "找出两个镜像都有的 `descriptor.digest`，把这些层的 `tar_size` 加起来。",
    )


TASKS: dict[str, Task] = {
    "01.here": Task(
        ("A step is missing: after `docker pull nginx`, what of redis is here already? Fill in `here`.",
         "缺了一步：执行 `docker pull nginx` 之后，redis 的哪些部分已经在本地？请填写 `here`。"),
        _here,
    ),
    "01.saved": Task(
        ("Alone: how many bytes of unpacked tar does a host save by sharing layers between nginx and redis?",
         "独立完成：nginx 和 redis 共用层，主机省下多少字节的解压后 tar？"),
        _saved,
    ),
    "02.hide": Task(
        ("A step is missing: add one mark to `mine`, so that /etc is seen and nothing that is in it.",
         "缺了一步：在 `mine` 里加一个标记，使 /etc 看得见，而里面的东西都看不见。"),
        hide,
    ),
    "02.hidden": Task(
        ("Alone: which paths does layer 2 of sample:ubuntu-vim hide by whiteouts?",
         "独立完成：sample:ubuntu-vim 的第 2 层用删除标记遮住了哪些路径？"),
        hidden,
    ),
    "03.steps": Task(
        ("A step is missing: write `steps` so that docker diff says C /etc, D /etc/passwd, A /etc/users.",
         "缺了一步：补全 `steps`，使 docker diff 显示 C /etc、D /etc/passwd、A /etc/users。"),
        steps,
    ),
    "03.copied": Task(
        ("Alone: how many bytes does chmod -R of /usr/bin copy up in a container of sample:ubuntu-vim?",
         "独立完成：在 sample:ubuntu-vim 的容器里对 /usr/bin 执行 chmod -R，会向上复制多少字节？"),
        copied,
    ),
    "04.saved": Task(
        ("A step is missing: how many bytes of kernel does one host spare against three machines?",
         "缺了一步：与三台机器相比，一台主机省下多少字节的内核？"),
        saved,
    ),
    "04.freed": Task(
        ("Alone: how many bytes does a boot free again until the machine is up?",
         "独立完成：从通电到机器启动完毕，一共释放了多少字节？"),
        freed,
    ),
    "05.greet": Task(
        ("A step is missing: a container of greet:1 that is run without a command should print hi.",
         "缺了一步：不带命令运行 greet:1 的容器时，应当打印 hi。"),
        greets,
    ),
    "05.key": Task(
        ("Alone: the file /root/key was removed before clean:1 was committed. What did it hold?",
         "独立完成：提交 clean:1 之前，文件 /root/key 被删掉了。它里面写的是什么？"),
        key,
    ),
    "06.stored": Task(
        ("A step is missing: how many bytes of layers do these images store, each layer once?",
         "缺了一步：这些镜像一共存了多少字节的层？每一层只算一次。"),
        stored,
    ),
    "06.gone": Task(
        ("Alone: remove the image cyo_ubuntu:1.0 for good, and leave ubuntu there.",
         "独立完成：彻底删除镜像 cyo_ubuntu:1.0，保留 ubuntu。"),
        gone,
    ),
    "07.app": Task(
        ("A step is missing: the push to cyo57/app is denied. Make it work.",
         "缺了一步：推送到 cyo57/app 被拒绝了。请让它成功。"),
        app,
    ),
    "07.publish": Task(
        ("Alone: publish the container with vim in the cloud's repository cyo57/ubuntu-cyo57-1.0.",
         "独立完成：把装有 vim 的容器发布到云上的仓库 cyo57/ubuntu-cyo57-1.0。"),
        reached("publish"),
    ),
    "08.kept": Task(
        ("A step is missing: run a registry that keeps what is pushed in the folder /cyo57/myregistry of the host.",
         "缺了一步：运行一个仓库服务，让推送的数据存进主机的 /cyo57/myregistry 目录。"),
        kept,
    ),
    "08.private": Task(
        ("Alone: push cyo_ubuntu:1.0 to the private registry, so that its catalog lists it.",
         "独立完成：把 cyo_ubuntu:1.0 推送到私有库，让它的 _catalog 里列出这个镜像。"),
        reached("private"),
    ),
    "11.worst": Task(
        ("A step is missing: which layer stores the most bytes that nobody sees?",
         "缺了一步：哪一层存的字节中没人看得见的最多？"),
        worst,
    ),
    "11.slim": Task(
        ("Alone: build app:3, which has vim and the tool as app:1 has, and hides next to nothing.",
         "独立完成：构建 app:3，和 app:1 一样有 vim 和那个工具，但几乎没有被遮住的字节。"),
        slim,
    ),
    **{f"12.{name}": Task(GOAL_STRINGS[name], reached(name)) for name in GOAL_NAMES},
    "10.kept": Task(
        ("A step is missing: the bytes of files that app:1 and app:2 need when each content is kept once.",
         "缺了一步：如果每种内容只存一份，app:1 和 app:2 的文件一共需要多少字节？"),
        kept_once,
    ),
    "10.lean": Task(
        ("Alone: build an image lean:1 from ubuntu that has vim, lets the group write below /usr/share/vim, and hides "
         "nothing but what every installation rewrites.",
         "独立完成：从 ubuntu 构建镜像 lean:1，装有 vim，/usr/share/vim 之下允许组写入；"
         "除了每次安装都要重写的文件，不能有被遮住的内容。"),
        lean,
    ),
    "09.plan": Task(
        ("A step is missing: complete `held`, so that the push of nginx sends nothing but the manifest.",
         "缺了一步：补全 `held`，使推送 nginx 时除了清单什么也不传。"),
        planned,
    ),
    "09.left": Task(
        ("Alone: which requests must be sent so that a collection leaves just what web/base:1 needs?",
         "独立完成：要发出哪些请求，垃圾回收之后才只剩下 web/base:1 需要的东西？"),
        left,
    ),
}


def check(key: str, answer: object, lang: str) -> tuple[str, bool]:
    """Return what is said to an answer, the task itself while there is none, and whether the answer is right."""
    if key not in TASKS:
        raise BadInput(t("lab.no_question", lang, key=key), hint=", ".join(TASKS))
    task, at = TASKS[key], LANGUAGES.index(lang)
    if answer is None or (isinstance(answer, list | tuple | set | frozenset) and not answer):
        return task.ask[at], False
    judged = task.judge(answer)
    return (t("task.right", lang), True) if judged is None else (judged[at], False)
