"""The questions of the lessons on commit and build and on names and IDs; `questions.QUESTIONS` takes them in."""

from __future__ import annotations

from .question import Both, Question, choice

IMAGE_QUESTIONS: dict[str, Question] = {
    "05.commit": Question(
        ("vim was installed in a container of ubuntu, whose image has 70.1 MB. What does docker commit put into the "
         "new image?",
         "在 ubuntu（70.1 MB）的一个容器里装了 vim。docker commit 会把什么放进新镜像？"),
        (
            choice("A copy of everything that the container sees", "容器看到的全部内容的一份副本",
                   "Nothing of ubuntu is copied. The new image stands on ubuntu's layer, as ubuntu itself does.",
                   "ubuntu 的内容一点也没有复制。新镜像和 ubuntu 一样，都站在 ubuntu 的那一层上。"),
            choice("The container's own layer, as one more layer on ubuntu's",
                   "容器自己的那一层，作为新的一层叠在 ubuntu 上",
                   "60.9 MB of changes become layer 2. Layer 1 is stored once and used by both images.",
                   "60.9 MB 的改动成为第 2 层。第 1 层只存一份，两个镜像共用。"),
            choice("The container's own layer, which the container then no longer has",
                   "容器自己的那一层，容器从此不再有它",
                   "It is copied. The container runs on with its own layer, and is a container of ubuntu as before.",
                   "那一层是复制过去的。容器带着自己的层继续运行，仍然是 ubuntu 的容器。"),
        ),
        2,
    ),
    "05.rm": Question(
        ("19 MB of ubuntu-cyo57:1.0 (131 MB) are package lists. A container of it removes them and is committed. "
         "How large is the new image?",
         "ubuntu-cyo57:1.0（131 MB）里有 19 MB 的软件包列表。在它的容器里把列表删掉，再提交。新镜像有多大？"),
        (
            choice("112 MB: smaller by the lists", "112 MB：少了那些列表",
                   "The lists lie in a lower layer, which is read-only. They are hidden; they are still stored, and "
                   "still sent at every push.",
                   "列表在下面的只读层里。它们只是被遮住了，照样存着，每次推送也照样传输。"),
            choice("131 MB: as large as before", "131 MB：和原来一样大",
                   "The new layer holds whiteouts: marks without bytes. No layer below ever gets smaller.",
                   "新的一层里只有删除标记，是不占字节的标记。下面的层永远不会变小。"),
            choice("150 MB: a layer with deletions is added", "150 MB：又多了一层删除记录",
                   "A layer is added, but a whiteout is a mark without bytes: the new layer has 0 B.",
                   "确实多了一层，但删除标记是不占字节的标记：新的一层是 0 B。"),
        ),
        2,
    ),
    "05.missing": Question(
        ("docker history shows <missing> in the column IMAGE. What is missing?",
         "docker history 的 IMAGE 一列里有 <missing>。缺的是什么？"),
        (
            choice("Layers: the image is damaged", "缺了层：镜像损坏了",
                   "No layer is missing: the container that was committed runs with all of them.",
                   "一层也不缺：刚刚提交的那个容器正用着全部的层。"),
            choice("Layers that are fetched when they are needed", "缺的层要用到时再下载",
                   "A pull fetches all layers at once. None comes later.",
                   "拉取时所有的层一次下载齐，之后不会再有。"),
            choice("Only an ID: that step was made on another machine", "只缺一个 ID：那一步是在别的机器上做的",
                   "The steps of ubuntu were made where ubuntu was built. A pull brings their layers, not an image of "
                   "each step.",
                   "ubuntu 的各步是在构建它的机器上做的。拉取带来的是层，不是每一步的镜像。"),
        ),
        3,
    ),
    "05.layers": Question(
        ("The Dockerfile has five instructions: FROM, ENV, RUN, COPY, CMD. How many layers does the build put on "
         "ubuntu's?",
         "Dockerfile 有五条指令：FROM、ENV、RUN、COPY、CMD。构建会在 ubuntu 上面叠几层？"),
        (
            choice("Five, one an instruction", "五层，每条指令一层",
                   "Five steps, but ENV and CMD change no file: they change the image's config.",
                   "步骤有五个，但 ENV 和 CMD 没有改动文件，改的是镜像的配置。"),
            choice("Two", "两层",
                   "RUN and COPY change files, so each makes a layer. FROM names what is there already; ENV and CMD "
                   "are in the config.",
                   "RUN 和 COPY 改动了文件，各产生一层。FROM 指明已有的镜像，ENV 和 CMD 写在配置里。"),
            choice("One for the whole build", "整个构建只有一层",
                   "Each step that changes files is committed by itself: that is what the cache lives on.",
                   "每个改动文件的步骤各自提交一次，构建缓存正是靠这个。"),
        ),
        2,
    ),
    "05.cache": Question(
        ("The line of RUN, step 3 of 5, is changed. Which steps does the next build do again?",
         "把 RUN 那一行（5 步中的第 3 步）改了。下一次构建会重做哪几步？"),
        (
            choice("Step 3 alone", "只有第 3 步",
                   "Step 4 would then lie on another layer than before. What was made on the old step 3 does not fit.",
                   "那样第 4 步就叠在了另一层上。基于旧的第 3 步做出来的东西用不上了。"),
            choice("Steps 3, 4 and 5", "第 3、4、5 步",
                   "The cache holds as long as step and parent are the same. From the first difference on, all is done "
                   "again: so what seldom changes comes first.",
                   "只有步骤和它的父镜像都相同，缓存才有效。从第一处不同开始全部重做，所以不常变的写在前面。"),
            choice("All five", "五步全部",
                   "Steps 1 and 2 are as they were, on what was there before: they come from the cache.",
                   "第 1、2 步没有变，下面的也没有变，直接用缓存。"),
        ),
        2,
    ),
    "05.volume": Question(
        ("A container with -v notes:/data wrote /b and /data/a. It is committed as data:1. What does a container of "
         "data:1 find?",
         "一个带 -v notes:/data 的容器写了 /b 和 /data/a，然后提交成 data:1。data:1 的容器里能看到什么？"),
        (
            choice("/b and /data/a", "/b 和 /data/a",
                   "/data/a was never in the container's layer. It is in the volume, which no image holds.",
                   "/data/a 从来不在容器的层里。它在卷里，而镜像不包含卷。"),
            choice("/b, and /data empty", "/b，以及空的 /data",
                   "The layer has /b and the directory on which the volume was mounted. Databases keep their data in "
                   "volumes: a commit saves none of it.",
                   "层里有 /b，还有挂载卷用的那个目录。数据库把数据放在卷里，提交一点也存不下来。"),
            choice("Neither", "两个都没有",
                   "/b was written beside the volume, into the container's own layer. That is committed.",
                   "/b 写在卷以外，进了容器自己的层，提交的就是这一层。"),
        ),
        2,
    ),
    "06.clone": Question(
        ("docker tag cyo_ubuntu:1.0 172.17.0.1:5000/cyo_ubuntu:1.0. “Like a clone”, say the notes. How much more is "
         "stored after it?",
         "docker tag cyo_ubuntu:1.0 172.17.0.1:5000/cyo_ubuntu:1.0。笔记说“相当于克隆了一份”。之后多存了多少？"),
        (
            choice("131 MB: the image a second time", "131 MB：镜像又存了一份",
                   "131 MB stand in both rows because both are about one image. It is stored once.",
                   "两行都写着 131 MB，因为说的是同一个镜像。它只存了一份。"),
            choice("60.9 MB: its own layer a second time", "60.9 MB：它自己的层又存了一份",
                   "No layer is touched. Both rows show one IMAGE ID: one image.",
                   "没有动任何一层。两行的 IMAGE ID 相同：是同一个镜像。"),
            choice("Nothing but a name", "只多了一个名字",
                   "A tag is a name that leads to an ID. Nothing was cloned.",
                   "标签只是指向某个 ID 的名字，什么也没有克隆。"),
        ),
        3,
    ),
    "06.digest": Question(
        ("ubuntu was pulled. docker images --digests shows its IMAGE ID and its DIGEST. How do they belong together?",
         "ubuntu 是拉取来的。docker images --digests 显示它的 IMAGE ID 和 DIGEST。两者是什么关系？"),
        (
            choice("The ID is the digest's beginning", "ID 就是摘要的开头",
                   "They have no digit in common but by chance: they are computed from different documents.",
                   "除非碰巧，两者没有一位相同：它们由不同的文档算出。"),
            choice("The ID names the config, the digest the manifest", "ID 是配置的名字，摘要是清单的名字",
                   "The registry knows an image by its manifest, this docker by its config. With the containerd image "
                   "store of newer versions the ID is the manifest's digest.",
                   "仓库服务用清单认镜像，这个 docker 用配置认镜像。新版本改用 containerd 存储后，ID 就是清单的摘要。"),
            choice("The digest names the layers, the ID the name", "摘要对应各层，ID 对应名字",
                   "A layer has a digest of its own. And one ID can have many names, or none.",
                   "每一层有自己的摘要；而一个 ID 可以有许多名字，也可以没有。"),
        ),
        2,
    ),
    "06.twice": Question(
        ("One container is committed twice; nothing changes in between. What have the two images in common?",
         "同一个容器提交两次，中间什么都没有改。两个镜像有什么相同？"),
        (
            choice("Everything: the same content has the same ID", "全部相同：内容一样，ID 就一样",
                   "The same content has the same DiffIDs. But the time of the commit is in the config, and the ID is "
                   "the config's digest.",
                   "内容相同，DiffID 就相同。但配置里写着提交的时间，而 ID 是配置的摘要。"),
            choice("All layers; the IDs differ", "层全部相同，ID 不同",
                   "Two configs that differ in their time, on the same layers: stored are those layers once.",
                   "两份配置只有时间不同，下面是同样的层，这些层只存一份。"),
            choice("ubuntu's layer alone: each has its own vim layer", "只有 ubuntu 的层相同，vim 的层各有一份",
                   "Both vim layers have the same bytes, so they have one DiffID and are one layer.",
                   "两次得到的 vim 层字节完全相同，DiffID 相同，就是同一层。"),
        ),
        2,
    ),
    "06.moved": Question(
        ("one:1 is an image. Another one is committed under the same name, one:1. What becomes of the first?",
         "one:1 是一个镜像。又用同一个名字 one:1 提交了另一个镜像。原来的那个会怎样？"),
        (
            choice("It is overwritten", "被覆盖",
                   "An ID is computed from the content: no image can be written over. Only the name leads elsewhere.",
                   "ID 由内容算出，镜像不可能被改写。只是名字现在指向别处了。"),
            choice("It stays, as <none>", "还在，显示为 <none>",
                   "It has lost its only name: it is dangling. docker image prune removes it; a container that uses it "
                   "keeps it.",
                   "它失去了唯一的名字，成了悬空镜像。docker image prune 会清理它，有容器在用则保留。"),
            choice("It keeps the name: one:1 are both", "名字还在，两个都叫 one:1",
                   "A name leads to one image at a time.", "一个名字同一时刻只指向一个镜像。"),
        ),
        2,
    ),
    "06.rmi": Question(
        ("An image has two names. docker rmi is called with one of them. What is deleted?",
         "一个镜像有两个名字，用其中一个名字执行 docker rmi。删掉的是什么？"),
        (
            choice("The image, and so both names", "镜像，连同两个名字",
                   "As long as another name leads to it, the image stays: rmi prints Untagged and nothing else.",
                   "只要还有别的名字指向它，镜像就还在：rmi 只打印 Untagged。"),
            choice("That name", "那个名字",
                   "rmi takes names away. With the last one it deletes the image, and those layers that nobody else "
                   "stands on.",
                   "rmi 拿掉的是名字。拿掉最后一个名字时才删除镜像，以及没有别人用的层。"),
            choice("The layers; the other name is left without any", "各层；剩下的名字就空了",
                   "Layers that an image needs are never deleted under it.", "镜像用着的层，绝不会从它下面被删掉。"),
        ),
        2,
    ),
    "06.sizes": Question(
        ("docker images lists ubuntu with 70.1 MB, and one:1 and two:1, two commits of one container, with 131 MB "
         "each. How much is stored?",
         "docker images 列出 ubuntu 70.1 MB，以及同一个容器提交的 one:1 和 two:1，各 131 MB。实际存了多少？"),
        (
            choice("332 MB: the sum", "332 MB：加起来的总和",
                   "The sum counts ubuntu's layer three times and the vim layer twice.",
                   "这样把 ubuntu 的层算了三次，把 vim 的层算了两次。"),
            choice("131 MB", "一共 131 MB",
                   "Two layers, of 70.1 and 60.9 MB, each stored once, whoever stands on them.",
                   "只有两层：70.1 MB 和 60.9 MB，不管谁用，各存一份。"),
            choice("192 MB", "一共 192 MB",
                   "Both vim layers are one: the same bytes, the same DiffID.",
                   "两个 vim 层是同一层：字节相同，DiffID 相同。"),
        ),
        2,
    ),
}

IMAGE_RECALL: dict[str, tuple[tuple[Both, Both], ...]] = {
    "05": (
        (("What does deleting a file of the image add to a container's layer?",
          "删除镜像里的文件，容器的层里会多出什么？"),
         ("A whiteout. Nothing below gets smaller.", "一个删除标记。下面的层不会变小。")),
        (("docker stop, then docker start: is what the container wrote still there?",
          "docker stop 之后再 docker start，容器写过的内容还在吗？"),
         ("Yes: its layer goes only with docker rm.", "在：只有 docker rm 才会连同它的层一起删除。")),
        (("What of a boot is in an image?", "镜像里有启动过程的哪些部分？"),
         ("Nothing: no bootloader, no kernel, no initramfs.", "没有：既没有引导程序，也没有内核和 initramfs。")),
    ),
    "06": (
        (("What does docker commit add to the layers of the container's image?",
          "docker commit 会在容器所用镜像的各层之上加什么？"),
         ("One layer: the container's own.", "一层：容器自己的那一层。")),
        (("Which instructions of a Dockerfile make no layer?", "Dockerfile 的哪些指令不产生层？"),
         ("Those that change no file: ENV, CMD, LABEL, EXPOSE ...", "不改动文件的指令：ENV、CMD、LABEL、EXPOSE 等。")),
        (("A layer is stored with gzip and as a plain tar. Which of its names is the same?",
          "同一层用 gzip 存一份，用普通 tar 存一份。它的哪个名字不变？"),
         ("The DiffID: it is computed from the unpacked tar.", "DiffID：它由解压后的 tar 算出。")),
    ),
}
"""Questions from earlier lessons with which a lesson opens, and their answers."""
