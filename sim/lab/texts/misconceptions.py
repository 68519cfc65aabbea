"""What people believe, and what is true: the 34 misconceptions in English and Chinese.

The scripts that show them are in `sim.engine.misconceptions`; a number here is a number there.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """A misconception in one language: what is believed, what is true."""

    claim: str
    truth: str


_TOLD: dict[int, tuple[tuple[str, str], tuple[str, str]]] = {
    1: (("An rm in a later layer makes the image smaller.",
         "The file stays in the layer below; the later layer only adds a whiteout that hides it. Remove "
         "it in the same "
         "layer that made it."),
        ("在后面的层里 rm，镜像就会变小。",
         "文件仍在下面那一层里，后面的层只是多了一个删除标记把它遮住。要省空间，就在产生它的同一层里删除。")),
    2: (("chmod and chown cost nothing.",
         "Changing a mode or an owner copies the whole file up into the writable layer, and the commit "
         "stores it again."),
        ("chmod、chown 不占空间。", "改权限或属主会把整个文件向上复制到可写层，提交时它又被存了一份。")),
    3: (("insecure-registries is set on the registry's machine, and an edit is enough.",
         "It is the pushing machine's daemon that needs it, and it reads the file only at a reload or a restart."),
        ("insecure-registries 在镜像仓库服务那台机器上设置，改了文件就生效。",
         "要设置的是推送那台机器上的守护进程，而且它只在 reload 或 restart 时才重新读这个文件。")),
    4: (("A commit takes along what is in the volumes.",
         "A volume lies beside the writable layer, and a commit stores the layer alone."),
        ("commit 会把卷里的数据一起提交。", "卷在可写层之外，commit 只保存可写层。")),
    5: (("latest is the newest image, and always there.",
         "latest is the tag that is used when none is written. Nobody moves it by itself, and it need not exist."),
        ("latest 就是最新的镜像，而且一定存在。",
         "latest 只是不写标签时默认用的标签。它不会自己移动，也可以不存在。")),
    6: (("denied means that the login is wrong.",
         "The name decides where a push goes: myiis is docker.io/library/myiis, where nobody but Docker may push."),
        ("denied 就是登录有问题。",
         "推送到哪里由名字决定：myiis 就是 docker.io/library/myiis，那里只有 Docker 官方能推送。")),
    7: (("An image holds a kernel.",
         "No kernel and no boot loader is in it: every container runs on the host's kernel, so an image "
         "can be small."),
        ("镜像里有内核。", "镜像里没有内核，也没有引导程序：所有容器都用主机的内核，所以镜像可以很小。")),
    8: (("<missing> in docker history means damage.",
         "Only the topmost entry has an image ID here; the steps below were made elsewhere, or by one "
         "commit, and have "
         "none. Nothing is lost."),
        ("docker history 里的 <missing> 表示镜像坏了。",
         "只有最上面一条在本机有镜像 ID；下面各步是在别处做的，没有 ID。什么也没丢。")),
    9: (("Every <none> image is garbage.",
         "A tag that moved leaves its old image without a name, and a container may still be using it."),
        ("所有 <none> 镜像都是垃圾。", "标签移走后，旧镜像就没有名字了，但可能还有容器在用它。")),
    10: (("The image ID is the digest.",
          "The ID is the digest of the config, the RepoDigest that of the manifest: two documents, two "
          "names. With the "
          "containerd store the ID shown is the manifest's."),
         ("镜像 ID 就是摘要（digest）。",
          "ID 是配置的摘要，RepoDigest 是清单的摘要：两份文件，两个名字。用 containerd 存储时，"
          "显示的 ID 是清单的。")),
    11: (("docker rmi deletes the data.",
          "It takes a name away. Data goes only with the last name, and only the layers that nothing else uses."),
         ("docker rmi 会删除数据。", "它去掉的是一个名字。最后一个名字没了，才会删除数据，而且只删没有别人用的层。")),
    12: (("The sizes of images add up to the space they take.",
          "Images share layers, and a shared layer is stored once: the sum counts it again and again."),
         ("各镜像的大小加起来就是占用的空间。", "镜像之间共用层，共用的层只存一份，相加就重复计算了。")),
    13: (("The size on the hub is the size on the disk.",
          "The hub shows the compressed layers, which is what a pull fetches; on the disk they are unpacked."),
         ("镜像仓库服务网页上的大小就是本地的大小。",
          "网页上是压缩后的大小，也就是拉取时传输的量；到了磁盘上是解压后的大小。")),
    14: (("Every instruction of a Dockerfile makes a layer.",
          "RUN, COPY and ADD make layers. ENV, LABEL, CMD and the like change the config only: 0B in the history."),
         ("Dockerfile 的每条指令都产生一层。",
          "RUN、COPY、ADD 产生层；ENV、LABEL、CMD 等只改 config，在 history 里是 0B。")),
    15: (("stop deletes a container, and run goes on with it.",
          "stop ends the process and keeps the writable layer; start goes on with it. run makes a new container, rm "
          "deletes."),
         ("stop 等于删除，run 是继续运行。",
          "stop 只结束进程，可写层还在，start 接着用它。run 会新建容器，rm 才是删除。")),
    16: (("A mount is merged with the image's files.",
          "A folder of the host hides what the image has there. Only an empty named volume is filled from the image "
          "first."),
         ("挂载会和镜像里的文件合并。",
          "主机的目录会遮住镜像里那个位置的内容。只有空的具名卷会先用镜像的内容填充。")),
    17: (("What is written below a VOLUME stays in the image.",
          "The legacy builder throws it away after each step; BuildKit, the default since 23.0, keeps it."),
         ("在 VOLUME 之后写进去的文件会留在镜像里。",
          "旧的构建器每一步之后都丢掉它；23.0 起默认的 BuildKit 会保留。")),
    18: (("A small edit costs little.",
          "One appended byte copies the whole file up: the new layer holds all 5 MB of it."),
         ("小改动只占一点空间。", "哪怕只追加一个字节，也会把整个文件向上复制：新的一层里就有完整的 5 MB。")),
    19: (("A secret that was deleted is gone.",
          "It is in the layer below, and in every copy of the image: docker save shows it to anyone."),
         ("删除了的密码就没有了。", "它还在下面那一层里，也在镜像的每一份拷贝里：docker save 之后谁都能看到。")),
    20: (("Deleting an image in a registry frees its space and takes it off the catalog.",
          "A registry refuses deletion unless it is switched on; and even then blobs stay until garbage "
          "is collected and "
          "the name stays listed."),
         ("在镜像仓库服务里删除镜像，空间就释放了，_catalog 里也没有了。",
          "镜像仓库服务默认不允许删除；就算允许，blob 也要等垃圾回收才清除，名字仍列在 _catalog 里。")),
    21: (("A push never sends a layer again.",
          "It depends on the registry: there already, mounted from another repository of the same "
          "registry, or sent."),
         ("推送从不重复传输已有的层。",
          "要看镜像仓库服务：已经有的不传，同一服务里别的仓库有的就挂载过来，否则照样传。")),
    22: (("save and export are the same.",
          "save keeps the image: layers, history, config. export writes one container's files, and import "
          "makes one layer "
          "of them with an empty config."),
         ("save 和 export 是一回事。",
          "save 保存镜像：层、历史、配置都在。export 只导出一个容器的文件，import 后只有一层，配置是空的。")),
    23: (("_catalog works everywhere.",
          "It is Docker's own addition: large registries refuse it, a private one answers."),
         ("_catalog 到处都能用。", "它是 Docker 自己加的接口：大型的镜像仓库服务拒绝它，私有的才回答。")),
    24: (("The same content gives the same image ID.",
          "The config holds the time and the history, so two commits of one state have other IDs over the "
          "same layers."),
         ("内容相同，镜像 ID 就相同。", "config 里有时间和历史，所以同一状态提交两次，层相同而 ID 不同。")),
    25: (("There can be any number of layers.",
          "Docker's store takes 127, 125 of an image: max depth exceeded."),
         ("层数没有限制。", "Docker 的存储最多 127 层，镜像占 125 层，再多就是 max depth exceeded。")),
    26: (("A rename is always cheap.",
          "A directory of a lower layer cannot be renamed (EXDEV); mv copies all that is in it into the "
          "writable layer."),
         ("改名总是很快。", "下层的目录不能直接改名（EXDEV），mv 会把里面的全部内容复制到可写层。")),
    27: (("A directory that was deleted and made again shows its old content.",
          "The new one is marked opaque, which hides what the layers below have in it."),
         ("删除后重建的目录会露出原来的内容。", "新目录带有 opaque 标记，下面各层里它的内容都被遮住。")),
    28: (("An open descriptor keeps seeing the old file after a write.",
          "Since Linux 4.19 read shows the new bytes; only an existing mapping keeps the old ones."),
         ("打开着的描述符在写入后仍看到旧文件。", "从 Linux 4.19 起，read 读到新内容；只有已经建立的映射仍是旧的。")),
    29: (("docker tag copies the image, like a clone.",
          "It adds a name: one ID, nothing stored twice."),
         ("docker tag 相当于克隆了一份镜像。", "它只是多了一个名字：ID 相同，什么也没有多存。")),
    30: (("The lowest layer of an image is bootfs.",
          "bootfs belongs to a machine's start: boot loader, kernel, initramfs. The lowest layer of an image is a "
          "distribution's files."),
         ("镜像最底层是 bootfs。", "bootfs 属于机器的启动：引导程序、内核、initramfs。镜像最底层是发行版的文件。")),
    31: (("The union stacks the container's root on the host's root.",
          "Its lower directories are image layers alone. The host lends its kernel and its disk."),
         ("UnionFS 把容器的根叠加在主机的根上。", "下层目录只有镜像的各层。主机提供的是内核和磁盘。")),
    32: (("An image is made of UnionFS file systems.",
          "Its layers are tar files of changes. A union is there only while it is mounted for a container."),
         ("镜像由一层层 UnionFS 文件系统构成。", "镜像的层是记录改动的 tar 文件；为容器挂载时才有联合文件系统。")),
    33: (("The root file system of an image holds /dev and /proc.",
          "They are empty or absent in the image, and are filled when a container starts."),
         ("镜像的 rootfs 里有 /dev、/proc 的内容。", "镜像里它们是空的，或者根本没有，容器启动时才填充。")),
    34: (("A registry needs --privileged=true.",
          "It does not. The option gives a container nearly all of the host's rights."),
         ("运行镜像仓库服务需要 --privileged=true。", "不需要。这个选项会把主机的几乎全部权限交给容器。")),
}

MISCONCEPTIONS: tuple[int, ...] = tuple(_TOLD)


def told(number: int, lang: str) -> Told:
    """Return a misconception in words.

    Examples
    --------
    >>> told(29, "en").truth
    'It adds a name: one ID, nothing stored twice.'
    """
    return Told(*_TOLD[number][1 if lang == "zh" else 0])
