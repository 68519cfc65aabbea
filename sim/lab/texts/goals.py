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
        "把 172.17.0.1:5000/cyo_ubuntu:1.0 推送到私有库，让它的 _catalog 里列出这个镜像。",
    ),
    "private.read": (
        "Read what the push says: which protocol does docker speak, and which one does the registry?",
        "读一读推送时的报错：docker 用的是什么协议，仓库服务用的又是什么？",
    ),
    "private.reload": (
        "insecure-registries goes into /etc/docker/daemon.json, and the daemon has to read that file again.",
        "在 /etc/docker/daemon.json 里写 insecure-registries，然后让守护进程重新读取这个文件。",
    ),
    "publish": (
        "Publish the container with vim at the cloud's registry, in the repository cyo57/ubuntu-cyo57-1.0.",
        "把装有 vim 的容器发布到云上的镜像仓库服务，放进仓库 cyo57/ubuntu-cyo57-1.0。",
    ),
    "publish.name": (
        "Where a push goes is decided by the name: registry, namespace, repository and tag are all in it.",
        "推送到哪里由名字决定：仓库服务的地址、命名空间、仓库名和标签都在名字里。",
    ),
    "publish.login": (
        "The registry wants a login before it takes anything: docker login with its address.",
        "仓库服务在接收之前要求登录：docker login 后面写上它的地址。",
    ),
    "secret": (
        "leaky:1 holds a program, /app/run, and a key, /app/key. Make an image clean:1 with the program, and with "
        "the key in "
        "none of its layers.",
        "leaky:1 里有程序 /app/run，还有密钥 /app/key。请做一个 clean:1：有这个程序，而任何一层里都没有密钥。",
    ),
    "secret.layers": (
        "docker save clean:1 | grep -a tide looks through all layers. What does it find?",
        "docker save clean:1 | grep -a tide 会在所有层里找。它找到了什么？",
    ),
    "secret.anew": (
        "What is in a layer stays in it. Begin with busybox and put in the program alone, or make one new layer of "
        "what a "
        "container sees: docker export, docker import.",
        "进了层的东西就拿不掉。要么从 busybox 重新开始，只放程序；要么把容器看到的内容重新做成一层：docker export、"
        "docker import。",
    ),
    "executable": (
        "The program of 40MB in tool:1, /opt/tool, lacks its x bits; the same file is on the host, in ~/tool. Make "
        "an image "
        "tool:2 in which it may be executed and is stored once.",
        "tool:1 里有一个 40MB 的程序 /opt/tool，缺少执行权限；主机的 ~/tool 是同一个文件。请做一个 tool:2，"
        "让它可以执行，并且只存一份。",
    ),
    "executable.history": (
        "docker history tool:2 shows how large each layer is. How often is the program in it?",
        "docker history tool:2 显示每一层的大小。这个程序存了几份？",
    ),
    "executable.before": (
        "Set the mode before the file gets into a layer: chmod on the host, then COPY onto busybox.",
        "在文件进入层之前设好权限：先在主机上 chmod，再 COPY 到 busybox 上。",
    ),
    "backup": (
        "The container shop keeps its orders in a volume, in /data/orders. Make an image backup:1 that holds them.",
        "容器 shop 把订单存在卷里，文件是 /data/orders。请做一个装有这些订单的镜像 backup:1。",
    ),
    "backup.where": (
        "docker diff shop lists what a commit would take. Is /data/orders in it?",
        "docker diff shop 列出提交会带走的内容。里面有 /data/orders 吗？",
    ),
    "backup.copy": (
        "A container that has the volume mounted can copy the file to a place outside it. Then commit that container.",
        "挂载了这个卷的容器可以把文件复制到卷以外的地方，再提交那个容器。",
    ),
    "both": (
        "The image web:1 has /conf/default, the host has /site/ours. Run a container in the background in which "
        "/conf shows "
        "default and ours.",
        "镜像 web:1 里有 /conf/default，主机上有 /site/ours。请在后台运行一个容器，让 /conf 里同时看得到 default 和 "
        "ours。",
    ),
    "both.hides": (
        "docker exec CONTAINER ls /conf shows what is there. What became of the image's own file?",
        "docker exec 容器 ls /conf 看看里面有什么。镜像自己的文件怎么了？",
    ),
    "both.file": (
        "A folder that is mounted hides the whole directory. A single file can be mounted too: -v FILE:/conf/NAME.",
        "挂载目录会遮住整个目录。也可以只挂载一个文件：-v 文件:/conf/名字。",
    ),
    "latest": (
        "docker run app prints version 1. Make it print version 2, with what is here already.",
        "docker run app 打印 version 1。请用本机已有的东西，让它打印 version 2。",
    ),
    "latest.look": (
        "docker images app lists two tags. Which one does a name without a tag mean?",
        "docker images app 列出两个标签。不写标签的名字指的是哪一个？",
    ),
    "latest.tag": (
        "latest moves only when somebody moves it: docker tag.", "latest 不会自己移动，要有人移动它：docker tag。",
    ),
    "archive": (
        "Write app:1 to the file /backup.tar, so that docker load gives back the same image, with its command and "
        "its ID.",
        "把 app:1 写进文件 /backup.tar，使得 docker load 能还原出同一个镜像：命令和 ID 都不变。",
    ),
    "archive.what": (
        "There are two pairs of commands: one writes an image, one the files of a container. Which does load read?",
        "有两对命令：一对写的是镜像，一对写的是容器的文件。load 读的是哪一种？",
    ),
    "archive.save": (
        "load reads what docker save -o FILE IMAGE writes.",
        "load 读的是 docker save -o 文件 镜像 写出来的归档。",
    ),
}
