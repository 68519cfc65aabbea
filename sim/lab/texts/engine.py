"""What the simulated docker says beside its output, in Chinese: the reasons of a command, and what happened underneath.

    said("nobody is logged in to docker.io here", "zh")    ->  "这台主机上没有人登录 docker.io"

The engine speaks English; what it prints is docker's and stays so. Here are its reasons (`Outcome.why`), the words of
its events and what it says of a step that cannot be undone, as templates whose fields are carried over. Words of
programs, such as dockerd's of a daemon.json that it cannot load or a request of the registry's, are shown as they are.
"""

from __future__ import annotations

from functools import lru_cache

from .boot_model import Patterns, carried, patterns

REASONS = (
    # Images and layers
    ("{x} of {y} layers were here already, under other images: they were not fetched",
     "{y} 层里有 {x} 层本地已经有了，属于别的镜像：这些层没有下载"),
    ("{x} led to {y}, which keeps its digest and has no tag any more", "{x} 原来指向 {y}；它的摘要还在，标签没有了"),
    ("nothing was copied: {x} and its other names lead to the one image {y}",
     "什么也没有复制：{x} 和它的其他名字指向同一个镜像 {y}"),
    ("<missing> is no damage: only steps that were made on this machine have an image of their own here",
     "<missing> 不是损坏：只有在这台机器上执行的步骤，本地才有各自的镜像"),
    ("save writes layers, config and names, so load brings back the same image ID; volumes are not in it",
     "save 写出各层、配置和名字，所以 load 之后镜像 ID 不变；卷不在里面"),
    ("export writes the merged tree alone: no layers, no history, no CMD, and nothing of volumes",
     "export 只写出合并视图：没有层，没有历史，没有 CMD，也没有卷里的东西"),
    ("one layer, whatever the container had: an import knows nothing of what it was made of",
     "不论容器原来有几层，现在都是一层：import 不知道这些文件的来历"),
    # Commit and build
    ("the container's writable layer is empty: one entry more in the history, and no new layer",
     "容器的可写层是空的：历史里多一行，没有新的层"),
    ("the writable layer holds {x} names, {y} bytes of files: that is the new layer",
     "可写层里有 {x} 个名字，文件共 {y} 字节：这就是新的那一层"),
    ("{x}: mounted, so what lies there is not in the image", "{x} 是挂载点，所以那里的内容不在镜像里"),
    ("{x} is a VOLUME: what this RUN wrote there went into a volume of its container, and is lost; BuildKit keeps it",
     "{x} 是 VOLUME：这条 RUN 在那里写的内容进了它那个容器的卷，随后丢失；BuildKit 会保留"),
    # Containers
    ("--privileged gives the container every capability and all of the host's devices: what breaks out of it is root "
     "on the host. A registry needs none of it",
     "--privileged 把全部 capability 和主机的所有设备都给了容器：从里面逃出来的程序就是主机的 root。"
     "镜像仓库服务用不着这些"),
    ("{x} is process 1 and does not listen to SIGTERM: it was killed after {y} seconds, so 128 + 9 = 137",
     "{x} 是 1 号进程，不理会 SIGTERM：{y} 秒后被强行结束，所以退出码是 128 + 9 = 137"),
    ("this program never ends by itself, so the terminal pressed Ctrl-C for you; -d leaves it running and gives the "
     "prompt back",
     "这个程序自己不会结束，所以终端替你按了 Ctrl-C；加上 -d，它在后台继续运行，提示符马上回来"),
    ("the volume at {x} was empty, so {y} names of the image were copied into it; a bind mount would have hidden them",
     "{x} 处的卷是空的，所以镜像在那里的 {y} 个名字被复制了进去；换成绑定挂载，它们就被遮住了"),
    ("its anonymous volume {x} stays, and nothing mounts it any more; rm -v takes it along",
     "它的匿名卷 {x} 还在，但已经没有谁挂载它；rm -v 会一起删掉"),
    # Registries
    ("the password is in {x} now: base64 hides nothing from whoever reads the file",
     "密码现在写在 {x} 里：谁读到这个文件，base64 就瞒不住谁"),
    ("{x} speaks plain HTTP, and this machine's docker was not told to accept that: insecure-registries in ITS "
     "/etc/docker/daemon.json, then reload; the registry needs nothing",
     "{x} 说的是明文 HTTP，而这台机器的 docker 没有被告知可以接受：要在这台机器的 /etc/docker/daemon.json 里写 "
     "insecure-registries，然后 reload；镜像仓库服务那边什么也不用改"),
    ("the mirror {x} did not have it, so docker.io was asked ({y})", "镜像站 {x} 没有它，于是改问 docker.io（{y}）"),
    ("it came from the mirror {x}: registry-mirrors stands in for docker.io alone, and for no other registry; "
     "insecure-registries is another thing",
     "它来自镜像站 {x}：registry-mirrors 只代替 docker.io，不代替别的镜像仓库服务；insecure-registries 是另一回事"),
    ("the name {x} means docker.io/{y}, which is docker's own: tag the image with a registry and a namespace of yours",
     "名字 {x} 指的是 docker.io/{y}，那是 Docker 官方的：请给镜像起一个带仓库服务地址和你自己命名空间的名字"),
    ("nobody is logged in to {x} here", "这台主机上没有人登录 {x}"),
    ("{x} is logged in to {y} and may not push to {z}: the namespace is somebody else's, or the repository was not "
     "created",
     "{x} 登录了 {y}，但不能推送到 {z}：命名空间是别人的，或者仓库还没有创建"),
    ("{x}: 0 bytes sent, {y} had it", "{x}：传输了 0 字节，{y} 已经有这一层"),
    ("docker search asks docker.io's own index: a private registry has none, its catalog is another thing",
     "docker search 查的是 docker.io 自己的索引：私有库没有索引，它的 _catalog 是另一回事"),
    ("this is a simulated docker: it answers as the real 20.10.24 does",
     "这是模拟的 docker：回答和真正的 20.10.24 一样"),
    ("{x} is in the real registry {y} now: undo does not take it back",
     "{x} 已经在真实的镜像仓库服务 {y} 里：撤销不会把它收回来"),
)
EVENTS = (
    ("image {x} is in the store, {n} layers", "镜像 {x} 存进了本地，共 {n} 层"),
    ("image {x} is gone, with {n} layers", "镜像 {x} 没有了，同时删掉 {n} 层"),
    ("{x} is a name of {y} now, and no more of {z}", "名字 {x} 现在指向 {y}，不再指向 {z}"),
    ("{x} is a name of {y}", "名字 {x} 指向 {y}"),
    ("{x} is no name any more", "名字 {x} 没有了"),
    ("container {x} ({y}) has a writable layer over {n} layers", "容器 {x}（{y}）有了一个可写层，下面是 {n} 层"),
    ("{x} has exited ({n}); its writable layer stays", "{x} 已退出（{n}）；它的可写层还在"),
    ("{x} and its writable layer are gone", "{x} 和它的可写层都没有了"),
    ("the anonymous volume {x} went with it", "匿名卷 {x} 一起删掉了"),
    ("volume {x} was made", "创建了卷 {x}"),
    ("volume {x} is gone, with {n} bytes", "卷 {x} 没有了，同时删掉 {n} 字节"),
    ("{x} was copied up from layer {n}, {m} bytes", "{x} 已从第 {n} 层向上复制，{m} 字节"),
    ("{x} was copied up from layer {n}", "{x} 已从第 {n} 层向上复制"),
    ("a whiteout hides {x}", "删除标记遮住了 {x}"),
    ("{x} was marked opaque: what lower layers have in it stays hidden", "{x} 不透明：下面各层里它的内容仍被遮住"),
    ("{n} bytes were written to {x}", "向 {x} 写入 {n} 字节"),
    ("{x} was created", "{x} 已创建"),
    ("{x} was removed", "{x} 已删除"),
    ("{x} was moved", "{x} 已移动"),
    ("{x} was changed", "{x} 的属性已修改"),
    ("{x}: {y} runs", "{x}：运行 {y}"),
)


def said(words: str, lang: str) -> str:
    """Return a sentence of the engine in a language.

    Examples
    --------
    >>> said("nobody is logged in to docker.io here", "zh"), said("nobody is logged in to docker.io here", "en")
    ('这台主机上没有人登录 docker.io', 'nobody is logged in to docker.io here')
    """
    return words if lang == "en" else carried(words, _known())


@lru_cache
def _known() -> Patterns:
    return patterns(REASONS + EVENTS)
