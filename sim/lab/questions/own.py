"""The questions of the lesson on one's own image, and those with which it and the challenges open."""

from __future__ import annotations

from .question import Both, Question, choice

OWN_QUESTIONS: dict[str, Question] = {
    "11.layers": Question(
        ("The Dockerfile of app:1 has eight lines. How many layers does the archive hold?",
         "app:1 的 Dockerfile 有八行。归档里有几层？"),
        (
            choice("Eight, one a line", "八层，每行一层",
                   "ENV and CMD change no file: they are lines of the config, and make no layer.",
                   "ENV 和 CMD 不改动文件：它们只是配置里的内容，不产生层。"),
            choice("Six", "六层",
                   "FROM brings the one layer of alpine; the four RUN and the COPY make one each.",
                   "FROM 带来 alpine 的一层，四条 RUN 和一条 COPY 各产生一层。"),
            choice("One: docker save puts all of it into one file", "一层：docker save 把它们合成了一个文件",
                   "The archive is one file, and the layers lie in it apart. One flat layer is what docker import "
                   "makes.",
                   "归档是一个文件，各层仍然分开放在里面。只有一层，那是 docker import 的结果。"),
        ),
        2,
    ),
    "11.why": Question(
        ("COPY made layer 4, chmod made layer 5, rm made layer 6. Which layer supplies /opt/tool?",
         "COPY 产生第 4 层，chmod 产生第 5 层，rm 产生第 6 层。/opt/tool 由哪一层提供？"),
        (
            choice("Layer 4: COPY brought the file", "第 4 层：文件是 COPY 放进来的",
                   "It brought the bytes. chmod copied them up, whole, to give them another mode.",
                   "字节是它放进来的。chmod 为了改权限，把整个文件又复制了一份。"),
            choice("Layer 5: chmod copied it up", "第 5 层：chmod 把它向上复制了",
                   "The eye meets layer 5 first. The same 6 MB lie in layer 4 too, and nobody sees them.",
                   "视线先碰到第 5 层。第 4 层也存着同样的 6 MB，却没有人看得见。"),
            choice("Layer 6: it is the topmost", "第 6 层：它在最上面",
                   "Layer 6 says nothing of this path, so the eye goes on.",
                   "第 6 层没有提到这个路径，视线继续往下。"),
        ),
        2,
    ),
    "11.env": Question(
        ("Which layer holds TOOL=/opt/tool, which the line ENV wrote?", "ENV 那一行写的 TOOL=/opt/tool 在哪一层？"),
        (
            choice("The topmost", "最上面一层",
                   "The topmost layer holds what rm left: whiteouts. ENV came after it and made none.",
                   "最上面一层是 rm 留下的删除标记。ENV 在它之后，没有产生层。"),
            choice("In a layer of 0 bytes, which history shows", "在历史里显示为 0B 的那一层",
                   "A row of the history is no layer: of the rows with 0B most made none.",
                   "历史里的一行不等于一层：0B 的行大多没有产生层。"),
            choice("In none: it is in the config", "不在任何一层里：它在配置里",
                   "The config is a document beside the layers. Its digest is the image's ID.",
                   "配置是与各层并列的一份文档，它的摘要就是镜像的 ID。"),
        ),
        3,
    ),
    "11.hidden": Question(
        ("The layers of app:1 store 50.3 MB of files. How much of that does no container see?",
         "app:1 的各层一共存了 50.3 MB 的文件。其中有多少是任何容器都看不见的？"),
        (
            choice("Nothing: an image holds what is seen in it", "没有：镜像里有什么，就看得见什么",
                   "A layer keeps what it was given, whatever later layers do to it.",
                   "层里有过的东西会一直留着，不管后面的层怎么改。"),
            choice("2 MB: the lists that rm removed", "2 MB：rm 删掉的软件包列表",
                   "Those are hidden, and not alone: chmod and the second apk hide what was stored before them.",
                   "这些确实被遮住了，但不止这些：chmod 和第二次 apk 也遮住了之前存的内容。"),
            choice("About 10 MB", "大约 10 MB",
                   "6 MB of the tool with its old mode, and the lists twice: apk add wrote them again, then rm hid "
                   "them.",
                   "9.93 MB：旧权限的工具 6 MB，还有列表存了两遍：apk add 又写了一次，然后被 rm 遮住。"),
        ),
        3,
    ),
    "11.change": Question(
        ("Which change of the Dockerfile makes the image smaller?", "Dockerfile 怎样改，镜像会变小？"),
        (
            choice("One more line at its end: RUN rm /opt/tool", "在末尾加一行：RUN rm /opt/tool",
                   "A later rm adds a whiteout. Both copies of the tool stay in their layers.",
                   "后面的 rm 只是多一个删除标记，工具的两份副本都还在各自的层里。"),
            choice("chmod on the host, before the build, and no RUN chmod", "构建之前在主机上 chmod，去掉 RUN chmod",
                   "The file comes into its layer with its mode, and is stored once: 6 MB less.",
                   "文件带着权限进入层里，只存一份：少了 6 MB。"),
            choice("ENV and CMD further up, so that there are fewer layers", "把 ENV 和 CMD 提前，减少层数",
                   "They make no layer, wherever they stand. Their place matters to the cache alone.",
                   "它们放在哪里都不产生层；位置只影响缓存。"),
        ),
        2,
    ),
}

OWN_RECALL: dict[str, tuple[tuple[Both, Both], ...]] = {
    "11": (
        (("Which instructions of a Dockerfile make a layer?", "Dockerfile 的哪些指令会产生层？"),
         ("Those that change files: RUN, COPY, ADD.", "改动文件的指令：RUN、COPY、ADD。")),
        (("A file is removed in a later layer. Where are its bytes?", "文件在后面的层里被删掉了，它的字节在哪里？"),
         ("In the layer that brought it: stored and sent, and hidden.",
          "在放进它的那一层里：照样存储和传输，只是被遮住。")),
        (("What does chmod of a file cost that lies in a lower layer?", "对下层的文件执行 chmod，代价是什么？"),
         ("The whole file: it is copied up.", "整个文件：它会被向上复制。")),
    ),
    "12": (
        (("What does docker commit take along, and what not?", "docker commit 带走什么，不带走什么？"),
         ("The container's own layer; no volume, no mount, no process.", "带走容器自己的那一层；不带卷、挂载和进程。")),
        (("What is the difference between docker stop and docker rm?", "docker stop 和 docker rm 有什么区别？"),
         ("stop ends the process and keeps the layer; rm removes the layer.",
          "stop 结束进程、保留可写层；rm 删除可写层。")),
        (("What decides where a push goes?", "推送到哪里由什么决定？"),
         ("The name: registry, namespace, repository, tag.", "由名字决定：仓库服务的地址、命名空间、仓库、标签。")),
    ),
}
