"""The words of the drawn exercises and of lesson 11, in English and Chinese; `text.CATALOGUE` takes them in.

    exercise.NAME.ask        the question          exercise.NAME.right       why the right answer is right
    exercise.NAME.hint1, 2   hints, gentle first   exercise.NAME.BELIEF      what is said to who answers so
"""

from __future__ import annotations

EXERCISE_STRINGS: dict[str, tuple[str, str]] = {
    # Around each
    "exercise.how": (
        "Exercise {name}, variant {seed}, drawn by lot. The model computes the answer; each wrong choice is what a "
        "misconception leads to.",
        "练习 {name}，第 {seed} 题，随机生成。正确答案由模型算出，每个错误选项都来自一种常见的误解。",
    ),
    "exercise.given": ("given", "已知"),
    "exercise.nothing": ("nothing", "什么都没有"),
    "exercise.do": (
        "Click a choice, or write lab.answer(NUMBER) in a cell. lab.hint() helps, lab.another() draws the next one.",
        "点选一项，或者在单元格里写 lab.answer(编号)。lab.hint() 给提示，lab.another() 换下一题。",
    ),
    "exercise.hint": ("Hint", "提示"),
    "exercise.another": ("Another one", "换一题"),
    "exercise.shows": ("This is misconception {n}: {said}", "这是第 {n} 条误解：{said}"),
    "exercise.unknown": ("there is no exercise {name!r}", "没有名为 {name!r} 的练习"),
    "exercise.none": (
        "no exercise is open: begin with lab.exercise(\"02.listing\")",
        "还没有打开练习：先运行 lab.exercise(\"02.listing\")",
    ),
    "exercise.seed": ("a seed is a whole number, not {seed!r}", "题号应当是整数，而不是 {seed!r}"),
    "exercise.score": (
        "{right} of {all} right at the first try", "第一次就答对的：{all} 题中有 {right} 题"
    ),
    "exercise.name": ("exercise", "练习"),
    "exercise.result": ("result", "结果"),
    "exercise.record": ("The exercises in your record", "你的记录里的练习"),
    "goal.do": (
        "Type in the terminal: lab.shell(), or lab.run(\"…\"). lab.hint() helps, lab.check(\"12.{name}\", "
        "lab.world) looks.",
        "在终端里输入命令：lab.shell()，或 lab.run(\"…\")。lab.hint() 给提示，lab.check(\"12.{name}\", lab.world) "
        "检查结果。",
    ),
    "goal.met": ("It is reached.", "目标已经达到。"),
    "goal.unknown": ("there is no goal {name!r}", "没有名为 {name!r} 的目标"),
    # One's own image
    "own.config": ("What the config of {name} says", "{name} 的配置"),
    "own.field": ("field", "字段"),
    "own.value": ("value", "内容"),
    "own.platform": ("made for", "适用平台"),
    "own.created": ("created", "创建时间"),
    "own.author": ("author", "作者"),
    "own.command": ("runs", "运行的命令"),
    "own.env": ("environment", "环境变量"),
    "own.user": ("as user", "用户"),
    "own.folder": ("in folder", "工作目录"),
    "own.ports": ("ports", "端口"),
    "own.volumes": ("volumes", "卷"),
    "own.compare": ("Images side by side: bytes of their files", "镜像对照：文件的字节数"),
    "own.name": ("image", "镜像"),
    "own.layers": ("layers", "层数"),
    "own.all": ("stored", "存储"),
    "own.seen": ("seen", "看得见"),
    "own.unseen": ("seen by nobody", "没人看得见"),
    # What is given
    "exercise.row.image": ("image", "镜像"),
    "exercise.row.host": ("host's own /srv", "主机自己的 /srv"),
    "exercise.row.holds": ("holds {what}", "有 {what}"),
    "exercise.row.whiteout": ("whiteout of {what}", "{what} 的删除标记"),
    "exercise.row.anew": ("deleted {path} and made it anew (opaque)", "删掉 {path} 又重新建立（不透明目录）"),
    "exercise.row.file": ("file {path} of {size}MB", "文件 {path}（{size}MB）"),
    "exercise.row.folder": ("host's folder /site", "主机的目录 /site"),
    "exercise.row.volume": ("volume notes", "卷 notes"),
    "exercise.row.sized": ("layer {n} ({size})", "第 {n} 层（{size}）"),
    "exercise.row.sizes": ("{blob} compressed, {files} unpacked", "压缩后 {blob}，解压后 {files}"),
    "exercise.row.here": ("here already", "本地已有"),
    "exercise.row.away": ("not here", "本地没有"),
    "exercise.known.same": ("pushed to team/app before", "以前推送到 team/app 过"),
    "exercise.known.other": ("pushed to team/base of this registry before", "以前推送到本仓库服务的 team/base 过"),
    "exercise.known.elsewhere": ("pushed to another registry before", "以前推送到另一个仓库服务过"),
    "exercise.known.nowhere": ("never pushed", "从未推送过"),
    # 01.pull
    "exercise.01.pull.ask": (
        "docker pull of this image: how many bytes of layers does it fetch?",
        "用 docker pull 拉取这个镜像，要下载多少字节的层？",
    ),
    "exercise.01.pull.right": (
        "Fetched are the blobs, compressed, whose digests are not here; a layer that is here is not asked for again.",
        "只下载本地没有的摘要，而且下载的是压缩后的 blob；已有的层不会再下载。",
    ),
    "exercise.01.pull.all": (
        "Layers are shared: one that is here already serves the new image too.",
        "层是共用的：本地已有的层，新镜像直接用。",
    ),
    "exercise.01.pull.unpacked": (
        "Layers travel compressed. The unpacked size is what they take on the disk afterwards.",
        "层在传输时是压缩的；解压后的大小是之后占用的磁盘空间。",
    ),
    "exercise.01.pull.hint1": ("Which layers are not here?", "哪些层本地没有？"),
    "exercise.01.pull.hint2": ("Of the two sizes of a layer, which one crosses the wire?",
                               "一层有两种大小，网络上传的是哪一种？"),
    # 02.listing
    "exercise.02.listing.ask": (
        "A container runs on these layers. What does ls /srv print in it?",
        "容器建立在这些层上。在容器里执行 ls /srv，会打印什么？",
    ),
    "exercise.02.listing.right": (
        "The eye falls from the top: what a layer holds is seen, what a layer above deleted is not, and an opaque "
        "directory ends the search.",
        "视线从最上层往下落：某层有的就看得见，被上面的层删掉的就看不见，遇到不透明目录查找到此为止。",
    ),
    "exercise.02.listing.merge": (
        "A directory that was deleted and made anew is opaque: nothing of the layers below it is merged in.",
        "删掉又重建的目录是不透明的：下面各层的内容不再合并进来。",
    ),
    "exercise.02.listing.top": (
        "A layer is no file system of its own but a set of changes: what it does not speak of comes from below.",
        "一层不是独立的文件系统，而是一组改动：它没有提到的东西来自下面。",
    ),
    "exercise.02.listing.host": (
        "Below the layers lies nothing of the host's root file system: the lowerdirs are image layers only.",
        "这些层下面并没有主机的根文件系统：lowerdir 只有镜像的层。",
    ),
    "exercise.02.listing.hint1": (
        "Begin with the top layer and go down, name by name.",
        "从最上层开始，逐个名字往下找。",
    ),
    "exercise.02.listing.hint2": ("Where a layer made /srv anew, do you still look below it?",
                                  "某一层重建了 /srv，还要不要看它下面？"),
    # 03.written
    "exercise.03.written.ask": (
        "These commands run in a container of the image. How many bytes of files does its writable layer hold then?",
        "在这个镜像的容器里执行这些命令之后，可写层里有多少字节的文件？",
    ),
    "exercise.03.written.right": (
        "A change of a file copies it up whole, whether its mode changed or one byte; a delete leaves a whiteout, "
        "which has no bytes and frees none.",
        "无论改权限还是改一个字节，都要把整个文件向上复制；删除只留下删除标记，不占字节，也不腾出字节。",
    ),
    "exercise.03.written.chmod": (
        "chmod is a change too: the file is copied up whole to carry its new mode.",
        "chmod 也是改动：要带上新的权限，整个文件都得向上复制。",
    ),
    "exercise.03.written.edit": (
        "Overlay copies files, not differences: a little more takes the whole file into the upper layer.",
        "overlay 复制的是整个文件，而不是差异：只多写一点，整个文件都进入上层。",
    ),
    "exercise.03.written.rm": (
        "The deleted file lies in a read-only layer. Deleting it writes a whiteout above and takes nothing away.",
        "被删的文件在只读层里。删除只是在上面写一个删除标记，什么也没有减少。",
    ),
    "exercise.03.written.hint1": ("The image's layer is read-only: where does a changed file have to go?",
                                  "镜像的层是只读的，改过的文件要放到哪里？"),
    "exercise.03.written.hint2": ("Count for each command the whole files that it puts into the upper layer.",
                                  "逐条命令地数：它把哪些完整的文件放进了上层？"),
    # 03.mount
    "exercise.03.mount.ask": ("What does the last command print?", "最后一条命令打印什么？"),
    "exercise.03.mount.right": (
        "A mount stands in the place of the directory: what is mounted is seen, and the image's files below are hidden "
        "while it is there.",
        "挂载会取代那个目录：看到的是挂载进来的东西，镜像里的文件在挂载期间被遮住。",
    ),
    "exercise.03.mount.merge": (
        "A mount is no layer: nothing merges. The image's files at that place are hidden.",
        "挂载不是层，不会合并。那个位置上镜像自己的文件被遮住了。",
    ),
    "exercise.03.mount.image": (
        "The image's files do not come first: they are copied into a named volume only while it is empty, and never "
        "into a folder of the host.",
        "并不是镜像的文件优先：只有空的具名卷才会先得到镜像文件的副本，主机目录则从来不会。",
    ),
    "exercise.03.mount.hint1": ("Is a mount one more layer of the union?", "挂载是联合文件系统里多出来的一层吗？"),
    "exercise.03.mount.hint2": ("Only an empty named volume gets a copy of the image's files. Is this one empty?",
                                "只有空的具名卷才会得到镜像文件的副本。这里是空的吗？"),
    # 05.layers
    "exercise.05.layers.ask": (
        "busybox has one layer. How many layers does the image of this Dockerfile have?",
        "busybox 有一层。用这个 Dockerfile 构建的镜像有几层？",
    ),
    "exercise.05.layers.right": (
        "RUN, COPY and ADD change files and make a layer each; the others write a line into the config.",
        "RUN、COPY、ADD 改动文件，各产生一层；其余指令只在配置里写一行。",
    ),
    "exercise.05.layers.every": (
        "Every instruction has a row in the history, but only those that change files make a layer.",
        "每条指令在历史里都有一行，但只有改动文件的指令才产生层。",
    ),
    "exercise.05.layers.flat": (
        "A build keeps the layers of its base and adds its own; one flat layer is what export and import make.",
        "构建会保留基础镜像的层，再加上自己的；只剩一层，那是 export 加 import 的结果。",
    ),
    "exercise.05.layers.hint1": ("Which of the instructions change files?", "哪些指令会改动文件？"),
    "exercise.05.layers.hint2": ("Do not forget the layer of FROM.", "别忘了 FROM 带来的那一层。"),
    # 05.size
    "exercise.05.size.ask": (
        "How many bytes does this build add to the size of busybox?", "这个构建在 busybox 的基础上增加多少字节？",
    ),
    "exercise.05.size.right": (
        "The size is the sum of the layers: each RUN adds what it leaves behind at its end, and no later RUN takes "
        "anything away.",
        "镜像的大小是各层之和：每条 RUN 加上它结束时留下的内容，后面的 RUN 减不掉任何东西。",
    ),
    "exercise.05.size.rm": (
        "rm in a later layer frees nothing: the file stays in the layer below. It helps only within the same RUN.",
        "在后面的层里 rm 腾不出空间：文件还在下面那一层。只有在同一条 RUN 里删才有用。",
    ),
    "exercise.05.size.chmod": (
        "chmod in a RUN of its own stores the whole file a second time.",
        "单独一条 RUN 里的 chmod，会把整个文件再存一遍。",
    ),
    "exercise.05.size.hint1": ("Ask of each RUN: which files does its layer hold at its end?",
                               "逐条 RUN 地问：它结束时，这一层里有哪些文件？"),
    "exercise.05.size.hint2": ("A file that is made and removed in one RUN is in no layer.",
                               "在同一条 RUN 里产生又删掉的文件，不在任何一层里。"),
    # 05.volume
    "exercise.05.volume.ask": (
        "The container ends, then it is committed. Which of the files are in the image new:1?",
        "容器运行结束，然后提交。镜像 new:1 里有哪些文件？",
    ),
    "exercise.05.volume.right": (
        "A commit takes the container's own layer. What lies in a volume is beside it, and stays there.",
        "提交的是容器自己的那一层。卷里的东西在它旁边，不会进入镜像。",
    ),
    "exercise.05.volume.all": (
        "/data is a volume: what was written there is not in the container's layer, and so in no commit.",
        "/data 是卷：写在那里的内容不在容器的层里，所以提交不到。",
    ),
    "exercise.05.volume.stopped": (
        "A container that has ended keeps its layer until it is removed, and can be committed.",
        "容器停止以后，它的层还在，直到被删除为止；照样可以提交。",
    ),
    "exercise.05.volume.hint1": (
        "Where does -v put what is written below /data?",
        "有了 -v，写到 /data 下面的内容去了哪里？",
    ),
    "exercise.05.volume.hint2": (
        "A commit copies one layer: the container's own.",
        "提交只复制一层：容器自己的那一层。",
    ),
    # 06.ids
    "exercise.06.ids.ask": (
        "One container, these commands: how many different image IDs do the names have?",
        "同一个容器，执行这些命令之后，这些名字一共对应多少个不同的镜像 ID？",
    ),
    "exercise.06.ids.right": (
        "Each commit writes a config with its own time, so each has an ID of its own; a tag is one more name for an "
        "ID.",
        "每次提交都会写一份带有自己时间的配置，所以各有各的 ID；打标签只是给同一个 ID 多一个名字。",
    ),
    "exercise.06.ids.content": (
        "The layers are the same, but the ID names the config, and the time of the commit is in it.",
        "层确实相同，但 ID 命名的是配置，而配置里有提交的时间。",
    ),
    "exercise.06.ids.tag": (
        "docker tag makes no image: two names then lead to one ID.", "docker tag 不产生镜像：两个名字指向同一个 ID。",
    ),
    "exercise.06.ids.hint1": ("What does docker tag make?", "docker tag 产生的是什么？"),
    "exercise.06.ids.hint2": ("The ID is the digest of the config. What differs in it from commit to commit?",
                              "ID 是配置的摘要。两次提交的配置有什么不同？"),
    # 06.freed
    "exercise.06.freed.ask": (
        "These images are on the host, and no container. How many bytes of layers does the command free?",
        "主机上有这些镜像，没有容器。这条命令腾出多少字节的层？",
    ),
    "exercise.06.freed.right": (
        "rmi takes a name away. With the last name the image goes, and of its layers those that no other image has.",
        "rmi 去掉一个名字。最后一个名字没了，镜像才会删除；而它的层，只有别的镜像都不用的才会删除。",
    ),
    "exercise.06.freed.data": (
        "The image has another name: only this name goes, and every byte stays.",
        "这个镜像还有别的名字：去掉的只是这个名字，一个字节也不少。",
    ),
    "exercise.06.freed.whole": (
        "The size that docker images prints counts shared layers too; those stay for the other images.",
        "docker images 打印的大小把共用的层也算进去了，而那些层要留给别的镜像。",
    ),
    "exercise.06.freed.never": (
        "It was the last name: with it the image goes, and the layers that nobody else has.",
        "这是最后一个名字：镜像随之删除，别人都不用的层也一起删除。",
    ),
    "exercise.06.freed.hint1": ("Does the image have another name?", "这个镜像还有别的名字吗？"),
    "exercise.06.freed.hint2": ("Which of its layers does another image stand on?", "它的哪些层还有别的镜像在用？"),
    # 06.stored
    "exercise.06.stored.ask": (
        "These images are on the host. How many bytes do their layers take on its disk?",
        "主机上有这些镜像。它们的层一共占用多少磁盘空间？",
    ),
    "exercise.06.stored.right": (
        "Each layer is stored once, however many images and names lead to it.",
        "每一层只存一份，不管有多少镜像、多少名字用到它。",
    ),
    "exercise.06.stored.sum": (
        "Sizes of images do not add up: a layer that several have is stored once.",
        "镜像的大小不能相加：几个镜像共有的层只存一份。",
    ),
    "exercise.06.stored.clone": (
        "A second name is no copy: it leads to the same ID, and nothing is stored for it.",
        "第二个名字并不是副本：它指向同一个 ID，不会多存任何东西。",
    ),
    "exercise.06.stored.hint1": ("Write down each layer number once.", "把每个层号只写一次。"),
    "exercise.06.stored.hint2": ("Two names in one row are one image.", "同一行里的两个名字是同一个镜像。"),
    # 09.push
    "exercise.09.push.ask": (
        "This image is pushed to team/app of a registry. How many bytes of layers are sent?",
        "把这个镜像推送到某个仓库服务的 team/app。要发送多少字节的层？",
    ),
    "exercise.09.push.right": (
        "Not sent is what team/app has already, and what another repository of the same registry lends by a mount. "
        "Another registry is no help.",
        "team/app 已有的不发送；同一个仓库服务里别的仓库有的，可以挂载过来。别的仓库服务帮不上忙。",
    ),
    "exercise.09.push.known": (
        "A registry knows its own blobs alone: what was pushed to another registry is sent again.",
        "仓库服务只知道自己的 blob：推送到别处过的层，还得再发一次。",
    ),
    "exercise.09.push.whole": (
        "A push asks first: a layer that is there is not sent.", "推送会先询问：已经有的层不再发送。",
    ),
    "exercise.09.push.again": (
        "A layer that another repository of the same registry has is mounted from there: no byte is sent.",
        "同一个仓库服务里别的仓库有这一层，就从那里挂载过来：一个字节也不发。",
    ),
    "exercise.09.push.hint1": ("Which layers does this registry have, in whichever repository?",
                               "这个仓库服务有哪些层？在哪个仓库都算。"),
    "exercise.09.push.hint2": ("Does one registry know what another one holds?",
                               "一个仓库服务知道另一个有什么吗？"),
    # 10.hidden
    "exercise.10.hidden.ask": (
        "Each layer was made by one command. How many bytes do the layers store that a container does not see?",
        "每一层由一条命令产生。这些层存着、而容器看不见的字节有多少？",
    ),
    "exercise.10.hidden.right": (
        "Hidden is every copy that a later layer deleted, wrote over or copied to change its mode: all of them are "
        "stored and sent.",
        "被后面的层删掉、覆盖，或者为了改权限而复制过的旧副本都看不见，却都照样存储、照样传输。",
    ),
    "exercise.10.hidden.gone": (
        "What was deleted in a later layer is hidden, not gone: it is still stored and sent.",
        "后面的层删掉的文件只是被遮住，并没有消失：它还存着，还会传输。",
    ),
    "exercise.10.hidden.chmod": (
        "chmod stored the file a second time: the first copy is hidden now.",
        "chmod 把文件又存了一遍，第一份现在被遮住了。",
    ),
    "exercise.10.hidden.edit": (
        "A file that is written again is stored again: the old content stays in its layer.",
        "重写的文件会再存一份，旧内容还留在原来那一层。",
    ),
    "exercise.10.hidden.hint1": ("Ask of each file in each layer: does the eye reach it from above?",
                                 "对每一层的每个文件问一句：从上面看得到它吗？"),
    "exercise.10.hidden.hint2": ("Stored in all, less what is seen.", "存储的总量，减去看得见的。"),
}
