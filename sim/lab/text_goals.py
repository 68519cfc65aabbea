"""Goals of exercises and their hints, in English and Chinese; the states are in `sim.engine.goals`.

A key is a goal's name, or the name, a point and a hint's name.
"""

from __future__ import annotations

GOAL_STRINGS: dict[str, tuple[str, str]] = {
    "smaller": (
        "fat:1 holds 19 MB of package lists. Make an image slim:1 of ubuntu after an apt-get update that does not.",
        "fat:1 里有 19 MB 的软件包列表。请做一个 slim:1：同样是 ubuntu，执行过 apt-get update，但不带这些列表。",
    ),
    "smaller.see": (
        "Look at the sizes of the layers with docker history fat:1. Which one would a later rm change?",
        "用 docker history fat:1 看看各层的大小。在后面的层里 rm，会改变哪一层？",
    ),
    "smaller.same-layer": (
        "Fetch the lists and remove them in one and the same docker run, on ubuntu, and commit that container.",
        "在 ubuntu 上用同一条 docker run 先下载列表再删除，然后提交这个容器。",
    ),
    "resume": (
        "A container was stopped, and it holds the file /note. Have a running container with that file.",
        "有一个容器停止了，里面有文件 /note。请让一个带有这个文件的容器运行起来。",
    ),
    "resume.ps-a": ("docker ps shows what runs; docker ps -a shows the rest too.",
                    "docker ps 只显示正在运行的，docker ps -a 也显示其余的。"),
    "resume.start": ("run makes a new container; there is another command that goes on with an old one.",
                     "run 会新建容器；另有一条命令让旧容器继续运行。"),
    "private": (
        "Push 172.17.0.1:5000/cyo_ubuntu:1.0 to the private registry, so that its catalog lists it.",
        "把 172.17.0.1:5000/cyo_ubuntu:1.0 推送到私有仓库，让它出现在目录里。",
    ),
    "private.read": (
        "Read what the push says: which protocol does docker speak, and which one does the registry?",
        "读一读推送时的报错：docker 用的是什么协议，仓库用的又是什么？",
    ),
    "private.reload": (
        "insecure-registries goes into /etc/docker/daemon.json, and the daemon has to read that file again.",
        "在 /etc/docker/daemon.json 里写 insecure-registries，然后让守护进程重新读取这个文件。",
    ),
    "publish": (
        "Publish the container with vim at the cloud's registry, in the repository cyo57/ubuntu-cyo57-1.0.",
        "把装有 vim 的容器发布到云上的仓库，放进 cyo57/ubuntu-cyo57-1.0。",
    ),
    "publish.name": (
        "Where a push goes is decided by the name: registry, namespace, repository and tag are all in it.",
        "推送到哪里由名字决定：仓库地址、命名空间、仓库名和标签都在名字里。",
    ),
    "publish.login": (
        "The registry wants a login before it takes anything: docker login with its address.",
        "仓库在接收之前要求登录：docker login 后面写上它的地址。",
    ),
}
