"""The terms of the course: one table of what they are called and what they mean, in English and Chinese.

A row is a term in English, which is its heading in the glossary, its Chinese, the lesson that teaches it, and one line
in each language. Where a word stands in a lesson is found by `forms`: the term with its plural, or the patterns given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .questions.question import Both


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the field.

    Attributes
    ----------
    name : (str, str)
        English and Chinese.
    lesson : str
        The number of the lesson that teaches it.
    says : (str, str)
        What it is.
    patterns : (str, str)
        Regular expressions of its uses; empty where its name and the plural are all.
    """

    name: Both
    lesson: str
    says: Both
    patterns: Both = ("", "")

    @property
    def anchor(self) -> str:
        """The id of its cell in the glossary."""
        return self.name[0].replace(" ", "-")

    def forms(self, lang: str) -> str:
        """Return the regular expression of its uses in a language."""
        if lang == "zh":
            return self.patterns[1] or re.escape(self.name[1])
        plural = re.sub("y$", "(?:y|ies)", re.escape(self.name[0])) if self.name[0].endswith("y") else (
            re.escape(self.name[0]) + "s?")
        return rf"\b(?:{self.patterns[0] or plural})\b"


GROUPS: tuple[tuple[Both, tuple[Term, ...]], ...] = (
    (("Images and layers", "镜像与层"), (
        Term(("image", "镜像"), "00",
             ("A list of read-only layers, and a config that says what to run on them.",
              "一串只读的层，加上一份说明要运行什么的配置。docker 说的镜像是 image，不是镜像站（mirror）。"),
             ("", "(?<!基础)(?<!父)(?<!悬空)镜像(?!站|加速|源|仓库|[ ]?ID)")),
        Term(("layer", "层"), "00",
             ("What one step added, changed or deleted: a tar archive of changes.",
              "某一步新增、修改、删除的内容：一个记录改动的 tar 归档。"),
             ("", "(?<![一每各几上下哪某本父子这那新整底两三多个可写容器镜像基础])层(?![叠次]|摘要)")),
        Term(("base image", "基础镜像"), "01",
             ("The image that another is made on; its layers lie lowest.", "别的镜像做在它上面；它的层在最底下。")),
        Term(("blob", "blob"), "01",
             ("A piece of bytes that is stored and sent as a whole under its digest: a layer, a config.",
              "以摘要为名、整块存储和传输的一段字节：一层，或者一份配置。"),
             ("", r"\bblobs?\b")),
        Term(("digest", "摘要"), "01",
             ("A name computed from the bytes: sha256 and 64 hexadecimal digits. Equal digests mean equal bytes.",
              "由字节算出来的名字：sha256 加 64 位十六进制数。摘要相同就意味着字节相同。"), ("", "(?<!层)摘要")),
        Term(("layer digest", "层摘要"), "01",
             ("The digest of a layer's blob, as it is stored and sent, usually compressed.",
              "一层的 blob 的摘要；blob 是存储和传输的样子，通常经过压缩。")),
        Term(("DiffID", "DiffID"), "01",
             ("The digest of a layer's unpacked tar: of its content alone.", "一层解压后的 tar 的摘要，只看内容。"),
             ("", r"\bDiffIDs?\b")),
        Term(("ChainID", "ChainID"), "01",
             ("The name of a layer on its parents: computed from the DiffIDs of the whole stack up to it.",
              "叠在父层之上的一层的名字：由从底到它的所有 DiffID 算出。"), ("", r"\bChainIDs?\b")),
        Term(("manifest", "清单"), "01",
             ("The document that lists an image's config and layers by their digests.",
              "列出镜像的配置和各层的摘要的那份文件。")),
        Term(("config", "配置"), "06",
             ("The document with what to run, the environment, the history and the DiffIDs of an image.",
              "记着镜像要运行什么、环境变量、历史和各 DiffID 的那份文件。"), ("", "配置(?!文件)")),
        Term(("pull", "拉取"), "01",
             ("To fetch an image's manifest, and those of its blobs that are not here.",
              "下载镜像的清单，以及本地没有的那些 blob。"), ("pull(?:s|ed)?", "")),
    )),
    (("One file system of many", "许多层，一个文件系统"), (
        Term(("union file system", "联合文件系统"), "02",
             ("Several directories shown as one. For images it is there only while it is mounted.",
              "把几个目录显示成一个。对镜像来说，只有挂载着的时候它才存在。"),
             ("union file systems?|UnionFS", "联合文件系统|UnionFS")),
        Term(("merged view", "合并视图"), "00",
             ("What is seen from above through all layers: what a container sees.",
              "从上往下透过所有的层看到的样子，也就是容器看到的样子。")),
        Term(("lookup", "查找"), "02",
             ("The search for a path, from the top layer down to the first that decides.",
              "寻找一个路径：从最上面的层往下，直到第一个能定下结果的层。"), ("lookups?", "")),
        Term(("whiteout", "删除标记"), "00",
             ("A mark that hides a path of the layers below; in a tar a member named .wh.NAME.",
              "遮住下面各层某个路径的标记；在 tar 里是名为 .wh.名字 的成员。图里写作 whiteout。"),
             ("", "删除标记|whiteout")),
        Term(("opaque", "不透明"), "01",
             ("Of a directory: nothing that lower layers have in it shows through.",
              "形容目录：下面各层在它里面的内容一点也透不上来。")),
        Term(("mount", "挂载"), "02",
             ("To make a file system visible at a place of the directory tree.",
              "让一个文件系统出现在目录树的某个位置。"), ("mount(?:s|ed)?", "")),
    )),
    (("Containers", "容器"), (
        Term(("container", "容器"), "03",
             ("A process with a root of its own: an image's layers and one writable layer on them.",
              "一个有自己的根的进程；它的根是镜像各层加上一个可写层。"), ("", "容器(?!层)")),
        Term(("writable layer", "可写层"), "03",
             ("The container's own layer, on top: all that it changes lands there.",
              "容器自己的那一层，在最上面：它改动的一切都落在那里。"), ("", "可写层|容器层")),
        Term(("copy-up", "向上复制"), "03",
             ("Copying a file of a lower layer whole into the writable layer before its first change.",
              "下面某层的文件第一次被修改之前，先整个复制到可写层。"),
             ("copy-ups?|copied up|copies up", "")),
        Term(("hard link", "硬链接"), "03",
             ("A further name of the same file. A copy-up makes two files of it.",
              "同一个文件的另一个名字。向上复制会使它们变成两个文件。")),
        Term(("volume", "卷"), "03",
             ("A folder that docker keeps beside the writable layer; it outlives its containers.",
              "docker 在可写层之外保管的目录；它比用它的容器活得久。")),
        Term(("bind mount", "绑定挂载"), "08",
             ("A folder of the host, shown at a place in the container; it hides what the image has there.",
              "让主机的一个目录出现在容器里的某个位置；镜像在那里的内容被遮住。")),
    )),
    (("How a start goes", "启动的过程"), (
        Term(("bootfs", "bootfs"), "04",
             ("The notes' word for a stage of a machine's start: bootloader, kernel, initramfs. No image holds it.",
              "笔记用来称呼机器启动的一个阶段：引导程序、内核、initramfs。镜像里没有它。"), ("", r"\bbootfs\b")),
        Term(("rootfs", "根文件系统"), "04",
             ("The root file system: the tree of files that begins at /.", "从 / 开始的整棵文件树。"),
             ("rootfs|root file systems?", "根文件系统|rootfs")),
        Term(("bootloader", "引导程序"), "04",
             ("The program that reads the kernel into memory and hands the machine over to it.",
              "把内核读入内存、再把机器交给它的程序。")),
        Term(("kernel", "内核"), "04",
             ("The program that owns the machine's memory and devices. Containers run on the host's.",
              "掌管机器内存和设备的程序。容器用的是主机的内核。")),
        Term(("initramfs", "initramfs"), "04",
             ("A small file system in memory, from which the kernel starts to reach the real root.",
              "内存里的小文件系统，内核从它开始，再找到真正的根。"), ("initramfs", r"\binitramfs\b")),
        Term(("distribution", "发行版"), "04",
             ("A root file system with its programs and packages: Ubuntu, Debian, Alpine.",
              "一个根文件系统，连同它的程序和软件包：Ubuntu、Debian、Alpine。")),
        Term(("namespace", "命名空间"), "04",
             ("What a process sees as its own: mounts, processes, network. In the cloud: the owner's part of a name.",
              "在内核里：进程眼中属于自己的挂载、进程和网络。在云上：名字里代表所有者的那一段。")),
    )),
    (("Making images", "制作镜像"), (
        Term(("commit", "提交"), "05",
             ("To make an image of a container: its writable layer is put on the image's layers.",
              "把容器做成镜像：它的可写层叠到镜像各层之上。"), ("commit(?:s|ted)?", "")),
        Term(("Dockerfile", "Dockerfile"), "05",
             ("The list of instructions from which an image can be made again.",
              "一串指令，按它可以重新做出镜像。"), ("", r"\bDockerfiles?\b")),
        Term(("build", "构建"), "05",
             ("To make an image from a Dockerfile, a commit for each step.",
              "按 Dockerfile 做出镜像，每一步一次提交。"),
             ("builds?", "")),
        Term(("history", "历史"), "05",
             ("A row of the config for each step that made the image, with a layer or without.",
              "配置里的记录：做镜像的每一步一行，不管有没有产生层。")),
    )),
    (("Names", "名字"), (
        Term(("tag", "标签"), "06",
             ("A name that leads to an image. It can be moved and taken away; nothing is copied or deleted by it.",
              "指向镜像的名字。可以移动、去掉，但不会因此复制或删除任何东西。"), ("tags?|tagged", "")),
        Term(("image ID", "镜像 ID"), "06",
             ("The digest of an image's config; with the containerd store that of its manifest.",
              "镜像配置的摘要；使用 containerd 存储时是清单的摘要。"),
             ("image(?:'s)? IDs?|IMAGE ID", "镜像(?:的)? ?ID|IMAGE ID")),
    )),
    (("Registries", "镜像仓库服务"), (
        Term(("registry", "镜像仓库服务"), "07",
             ("A server that keeps images: blobs, manifests and tags, in repositories.",
              "保存镜像的服务器：blob、清单和标签，按仓库存放。简称仓库服务；自己运行的也叫私有库。"),
             ("", "镜像仓库服务|私有库")),
        Term(("repository", "仓库"), "07",
             ("The tags and manifests of one name in a registry, such as cyo57/ubuntu-cyo57-1.0.",
              "镜像仓库服务里同一个名字下的标签和清单，例如 cyo57/ubuntu-cyo57-1.0。云的控制台里叫“镜像仓库”。"),
             ("", "仓库(?!服务)")),
        Term(("push", "推送"), "07",
             ("To send an image to a registry: the blobs that it lacks, then the manifest.",
              "把镜像发给镜像仓库服务：先发它没有的 blob，再发清单。"), ("push(?:es|ed)?", "")),
        Term(("mirror", "镜像站"), "08",
             ("A registry that keeps copies of another's images. Not an image, though Chinese has one word for both.",
              "保存别处镜像副本的镜像仓库服务（mirror），例如“镜像加速”。中文同一个词，指的不是 image。"),
             ("mirrors?|registry-mirrors", "镜像站|镜像加速器?|镜像源")),
        Term(("daemon", "守护进程"), "08",
             ("The docker program in the background that holds images and containers; the command line only asks it.",
              "在后台管理镜像和容器的 docker 程序；命令行只是向它提出请求。")),
        Term(("TLS", "TLS"), "09",
             ("Encryption of a connection, with a certificate that says who answers: the s of https.",
              "给连接加密，并用证书证明对方是谁：https 里的 s。"), ("TLS", r"\bTLS\b")),
        Term(("garbage collection", "垃圾回收"), "08",
             ("Deleting the blobs that no manifest names any more.", "删除已经没有清单引用的 blob。")),
    )),
    (("Sending and sharing", "传输与共用"), (
        Term(("latency", "延迟"), "09",
             ("How long a byte is on its way; each question and answer waits for it.",
              "一个字节在路上的时间；每次一问一答都要等它。")),
        Term(("bandwidth", "带宽"), "09",
             ("How many bytes a second a link carries.", "一条链路每秒能传多少字节。")),
        Term(("upload session", "上传会话"), "09",
             ("What a registry opens for one blob that is sent, in one piece or several.",
              "镜像仓库服务为接收一个 blob 而开的一次会话，可以分几次传完。")),
        Term(("cross-repository mount", "跨仓库挂载"), "09",
             ("A blob of another repository of the same registry is used, and nothing is sent.",
              "直接使用同一镜像仓库服务里另一个仓库的 blob，什么也不用传。")),
        Term(("deduplication", "去重"), "10",
             ("Storing equal things once: equal layers, equal files or equal chunks.",
              "相同的东西只存一份：相同的层、相同的文件，或者相同的分块。")),
        Term(("chunk", "分块"), "10",
             ("A piece of a file, cut at fixed places or where the content says so.",
              "文件的一小段；在固定的位置切开，或者按内容决定在哪里切开。")),
    )),
)

TERMS: tuple[Term, ...] = tuple(term for _, terms in GROUPS for term in terms)
