"""How the tasks of the lessons on images are judged: None for a right answer, else what to think of.

Most grade a state: whatever way led to a world, it is asked whether it is as it should be.
"""

from __future__ import annotations

from typing import Any

from ..questions.question import Both

NO_WORLD: Both = (
    "Give the world: lab.check(..., lab.world)", "请把世界交上来：lab.check(..., lab.world)",
)


def _host(answer: object) -> Any:
    """Return the one host of a world, None where the answer is none."""
    from ...engine.world import World

    return next(iter(answer.hosts.values())) if isinstance(answer, World) and answer.hosts else None


def _asked(world: object, line: str) -> str:
    """Return what a line prints in a world, which stays as it is."""
    from ...engine.terminal import Seat, step

    return step(Seat(world), line)[1].stdout  # type: ignore[arg-type]


def greets(answer: object) -> Both | None:
    """`answer` is a world in which a container of greet:1 prints hi when no command is given."""
    host = _host(answer)
    if host is None:
        return NO_WORLD
    if "docker.io/library/greet:1" not in host.daemon.tags:
        return ("There is no image greet:1.", "没有镜像 greet:1。")
    if _asked(answer, "docker run --rm greet:1").strip() == "hi":
        return None
    return (
        "greet:1 runs what its container ran. One flag of docker commit changes the config of the image that it makes: "
        "docker commit --help lists it.",
        "greet:1 运行的还是那个容器运行过的命令。docker commit 有一个选项可以改新镜像的配置："
        "用 docker commit --help 找找。",
    )


def key(answer: object) -> Both | None:
    """`answer` is what the removed file /root/key held."""
    from ..places import PLACES

    world = PLACES["05.key"]().world
    first = _asked(world, "docker history -q clean:1").split()[1]
    held = _asked(world, f"docker run --rm {first} cat /root/key").strip()
    if isinstance(answer, str | bytes) and (answer if isinstance(answer, str) else answer.decode()).strip() == held:
        return None
    return (
        "It was removed in the top layer. The layer below still has it, and docker history names the image that ends "
        "there: run that one.",
        "文件是在最上面一层删掉的，下面那一层还有。docker history 列出了到那一层为止的镜像：运行它。",
    )


def stored(answer: object) -> Both | None:
    """`answer` is how many bytes of layers the images of the place 06.5 store."""
    from ..places import PLACES

    world = PLACES["06.5"]().world
    daemon = _host(world).daemon
    images = [[world.stock.layers[one] for one in image.config.diff_ids] for image in daemon.images.values()]
    once = {layer.diff_id: layer.size for layers in images for layer in layers}
    if answer == sum(once.values()):
        return None
    if answer == sum(layer.size for layers in images for layer in layers):
        return (
            "That is the sum of docker images: a layer that several images stand on is counted for each of them.",
            "这是 docker images 各行之和：几个镜像共用的层，被重复算了。",
        )
    return (
        "Take each DiffID once, whichever images have it, and add up the sizes.",
        "每个 DiffID 只取一次，再把大小加起来。",
    )


def gone(answer: object) -> Both | None:
    """`answer` is a world that holds nothing of the image cyo_ubuntu:1.0 any more, and ubuntu as before."""
    from ..places import PLACES

    host, begin = _host(answer), _host(PLACES["06.gone"]().world).daemon
    if host is None:
        return NO_WORLD
    wanted = begin.tags["docker.io/library/cyo_ubuntu:1.0"]
    names = [name.removeprefix("docker.io/library/") for name, one in host.daemon.tags.items() if one == wanted]
    if names:
        return (f"It still has the name {names[0]}: rmi takes one name away.",
                f"它还有名字 {names[0]}：rmi 一次只拿掉一个名字。")
    if any(one.image == wanted for one in host.daemon.containers.values()):
        return ("The name is gone, but a container stands on its layers: docker ps -a shows that one too. Remove it.",
                "名字没有了，但还有容器站在它的层上，docker ps -a 看得到。把那个容器也删掉。")
    if wanted in host.daemon.images:
        return ("It has no name any more, and is still there: docker images shows it as <none>.",
                "它没有名字了，却还在：docker images 里显示为 <none>。")
    if "docker.io/library/ubuntu:latest" not in host.daemon.tags:
        return ("ubuntu is gone as well; it was to stay.", "ubuntu 也没有了，它应当留下。")
    return None
