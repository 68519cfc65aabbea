"""The questions of the lessons on a cloud's registry and on a private one; `questions.QUESTIONS` takes them in."""

from __future__ import annotations

from .question import Both, Question, choice

REGISTRY_QUESTIONS: dict[str, Question] = {
    "07.where": Question(
        ("docker push ubuntu-cyo57:1.0. Where does that push go?", "docker push ubuntu-cyo57:1.0 会推送到哪里？"),
        (
            choice("The cloud's registry, if one has logged in there", "云上的仓库服务，只要已经登录",
                   "A login says who one is there. It does not say where a push goes: the name does, and this one "
                   "holds no address.",
                   "登录只说明你在那里是谁，不决定推送到哪里。决定去处的是名字，而这个名字里没有地址。"),
            choice("docker.io, as library/ubuntu-cyo57", "docker.io，名字是 library/ubuntu-cyo57",
                   "A name without an address means docker.io, and one without a namespace means library there, which "
                   "is Docker's own: denied.",
                   "名字里没有地址就是 docker.io，没有命名空间就是那里的 library。library 归 Docker 官方所有，"
                   "所以 denied。"),
            choice("Nowhere: it is an error in the name", "哪里也不去：名字写错了",
                   "The name is complete as it is: what is left out is filled in, docker.io/library/ before it.",
                   "这个名字没有错：省略的部分会补上，前面补的是 docker.io/library/。"),
        ),
        2,
    ),
    "07.denied": Question(
        ("A push to the cloud says: denied: requested access to the resource is denied. What is wrong?",
         "往云上推送时报错 denied: requested access to the resource is denied。问题出在哪里？"),
        (
            choice("The login: no login, or a wrong password", "登录：没有登录，或者密码不对",
                   "That is one of the causes. But whoever is logged in gets the same words where the namespace or the "
                   "repository is missing. (A wrong password is told by docker login: unauthorized.)",
                   "这只是原因之一。已经登录的人，如果命名空间或仓库不存在，看到的是同样的话。"
                   "（密码不对由 docker login 报告：unauthorized。）"),
            choice("The repository: nobody created it", "仓库：没有人创建过",
                   "That is one of the causes. With a repository and without a login the words are the same.",
                   "这只是原因之一。仓库建好了而没有登录，看到的是同样的话。"),
            choice("One of several things: the words do not tell which", "几种原因之一，这句话并不说是哪一种",
                   "Without login, without namespace, without repository: each time the same sentence. A registry does "
                   "not tell strangers what exists.",
                   "没有登录、没有命名空间、没有仓库，都是同一句话。仓库服务不会告诉外人里面有什么。"),
        ),
        3,
    ),
    "07.base64": Question(
        ("docker login has stored something in ~/.docker/config.json. Who can read the password from it?",
         "docker login 在 ~/.docker/config.json 里存了东西。谁能从里面读出密码？"),
        (
            choice("Nobody: it is encrypted", "没有人：它是加密的",
                   "docker warns of it at the login: stored unencrypted. base64 is a spelling of the same bytes.",
                   "登录时 docker 就警告过：存的时候没有加密。base64 只是同样字节的另一种写法。"),
            choice("The registry alone: it has the key", "只有仓库服务：它有密钥",
                   "There is no key: base64 is decoded without one.", "没有什么密钥：base64 不需要密钥就能还原。"),
            choice("Whoever can read the file", "能读到这个文件的任何人",
                   "base64 is a spelling, not a cipher. A credential helper or a token with few rights is safer, and "
                   "docker logout removes the entry.",
                   "base64 是一种写法，不是加密。用凭据助手，或用权限很小的令牌更安全；docker logout 会删掉这一项。"),
        ),
        3,
    ),
    "07.mount": Question(
        ("The image (131 MB) lies in cyo57/ubuntu-cyo57-1.0. Now it is pushed to cyo57/tools of the same registry. "
         "How much of its layers is sent?",
         "镜像（131 MB）已经在 cyo57/ubuntu-cyo57-1.0 里。现在把它推送到同一个仓库服务的 cyo57/tools。"
         "会传输多少层的数据？"),
        (
            choice("All of it: another repository knows nothing of them", "全部：另一个仓库里没有这些层",
                   "cyo57/tools has none of them. But docker says where else they lie, and the registry links them: "
                   "Mounted from.",
                   "cyo57/tools 里确实没有。但 docker 会说明它们在哪里有，仓库服务就直接挂载过来：Mounted from。"),
            choice("Nothing", "一点也不传",
                   "Both layers are mounted from the other repository; only config and manifest are written. Another "
                   "registry would have got them all.",
                   "两层都从另一个仓库挂载过来，只写了配置和清单。换一个仓库服务，就要全部传一遍。"),
            choice("The vim layer alone: ubuntu's is known everywhere", "只传 vim 那一层：ubuntu 的层到处都有",
                   "No layer is known everywhere: each registry has what was pushed to it. At first this one got "
                   "ubuntu's layer too.",
                   "没有哪一层是到处都有的：每个仓库服务只有推送给它的东西。第一次推送时，ubuntu 的层也传了。"),
        ),
        2,
    ),
    "07.pull": Question(
        ("office has pulled version 1.0. Now it pulls 1.1, which has one layer more. What is fetched?",
         "office 已经拉取了 1.0。现在拉取多一层的 1.1，会下载什么？"),
        (
            choice("Three layers: it is another image", "三层：它是另一个镜像",
                   "Two of the three are here under their digests: Already exists.",
                   "三层中有两层本地已有，摘要相同：Already exists。"),
            choice("The one layer that is not here", "只下载本地没有的那一层",
                   "A pull asks for each layer by its digest whether it is here. The tag plays no part in that.",
                   "拉取时按摘要逐层检查本地有没有，与标签无关。"),
            choice("Nothing: the repository is known already", "什么都不下载：这个仓库已经拉取过",
                   "What counts is the content of the layers, not the name of the repository.",
                   "要看的是层的内容，不是仓库的名字。"),
        ),
        2,
    ),
    "08.needs": Question(
        ("docker run -d -p 5000:5000 -v /cyo57/myregistry/:/tmp/registry --privileged=true registry. Which of the "
         "three options does the registry need, so that one can push to it?",
         "docker run -d -p 5000:5000 -v /cyo57/myregistry/:/tmp/registry --privileged=true registry。"
         "要能往里推送，这三个选项中仓库服务需要哪些？"),
        (
            choice("All three", "三个都需要",
                   "It runs and takes pushes without -v and without --privileged.",
                   "没有 -v 和 --privileged，它照样运行，照样接受推送。"),
            choice("-p and --privileged=true", "-p 和 --privileged=true",
                   "A registry is a program that listens at a port and writes files. For that no right of the host is "
                   "needed.",
                   "仓库服务只是一个监听端口、读写文件的程序，用不着主机的任何特权。"),
            choice("-p alone", "只需要 -p",
                   "The port is how one reaches it. --privileged gives the container all capabilities and the devices "
                   "of the host, for nothing.",
                   "有了端口才能访问它。--privileged 会把全部 capability 和主机的设备交给容器，却毫无用处。"),
        ),
        3,
    ),
    "08.where": Question(
        ("The push says: http: server gave HTTP response to HTTPS client. What makes it work?",
         "推送报错：http: server gave HTTP response to HTTPS client。怎样才能推送成功？"),
        (
            choice("insecure-registries in daemon.json on the registry's machine",
                   "在运行仓库服务的机器上，往 daemon.json 里写 insecure-registries",
                   "The registry answers over HTTP as it should. It is the docker that pushes which insists on HTTPS: "
                   "its machine has the setting. (Here both are one machine.)",
                   "仓库服务用 HTTP 应答，它没有错。坚持用 HTTPS 的是推送的那个 docker，要改的是它那台机器。"
                   "（这里恰好是同一台。）"),
            choice("insecure-registries in daemon.json on the machine that pushes; the next push reads it",
                   "在推送的机器上往 daemon.json 里写 insecure-registries，下一次推送就会读到",
                   "It is the right file on the right machine. But the daemon reads it at its start and at a reload, "
                   "not at a push.",
                   "文件对，机器也对。但守护进程只在启动和 reload 时读这个文件，推送时不读。"),
            choice("insecure-registries in daemon.json on the machine that pushes, and a reload",
                   "在推送的机器上往 daemon.json 里写 insecure-registries，然后 reload",
                   "systemctl reload docker: the daemon reads the file again, and containers run on.",
                   "systemctl reload docker：守护进程重新读取文件，容器继续运行。"),
        ),
        3,
    ),
    "08.restart": Question(
        ("Somebody types systemctl restart docker in place of reload. What does the next push to 172.17.0.1:5000 say?",
         "有人没有用 reload，而是执行了 systemctl restart docker。接下来往 172.17.0.1:5000 推送，会看到什么？"),
        (
            choice("It works", "推送成功",
                   "The setting is loaded. But the registry is a container of the very docker that was restarted, and "
                   "stopped with it.",
                   "设置确实生效了。但仓库服务本身就是这个 docker 的容器，跟着一起停了。"),
            choice("connection refused", "报错：connection refused",
                   "The registry's container has exited (137), and nothing starts it again: it has no restart policy. "
                   "docker start does; --restart=always from the beginning would have.",
                   "仓库服务的容器退出了（137），它没有重启策略，没有人再启动它。可以 docker start；"
                   "一开始就写 --restart=always 则会自动启动。"),
            choice("server gave HTTP response to HTTPS client", "报错：server gave HTTP response to HTTPS client",
                   "That was before: by a restart the daemon reads daemon.json too. Now nobody is there to answer.",
                   "那是之前的事：restart 也会重新读取 daemon.json。现在是根本没有人应答。"),
        ),
        2,
    ),
    "08.mirror": Question(
        ("daemon.json has \"registry-mirrors\": [\"http://172.17.0.1:5000\"] and no insecure-registries, and docker "
         "was reloaded. Does the push to 172.17.0.1:5000 work?",
         "daemon.json 里写的是 \"registry-mirrors\": [\"http://172.17.0.1:5000\"]，没有 insecure-registries，"
         "并且 reload 过。往 172.17.0.1:5000 推送能成功吗？"),
        (
            choice("Yes: its address with http:// is in the file", "能：文件里有它的地址，还写明了 http://",
                   "A mirror is asked when something of docker.io is pulled. For a name that begins with "
                   "172.17.0.1:5000 the list is not read.",
                   "镜像站只在拉取 docker.io 的镜像时才会被询问。名字以 172.17.0.1:5000 开头时，根本不看这个列表。"),
            choice("No: a mirror stands in for docker.io, and only in pulls",
                   "不能：镜像站只代替 docker.io，而且只管拉取",
                   "Two settings with nothing in common: where docker.io's images may come from, and which registries "
                   "may speak plain HTTP.",
                   "这是两个互不相干的设置：一个说 docker.io 的镜像可以从哪里来，另一个说和哪些仓库服务可以用 HTTP。"),
            choice("No: the address must be written without http://", "不能：地址不能带 http://",
                   "In insecure-registries it is written without. In registry-mirrors it needs it; and no spelling "
                   "makes a push go to a mirror.",
                   "insecure-registries 里不带，registry-mirrors 里必须带。怎么写，推送都不会去镜像站。"),
        ),
        2,
    ),
    "08.data": Question(
        ("The registry's container is removed with docker rm -f and run again by the same command. What does its "
         "catalog list?",
         "用 docker rm -f 删掉仓库服务的容器，再用同一条命令运行。它的 _catalog 里有什么？"),
        (
            choice("cyo_ubuntu: it lies in /cyo57/myregistry", "cyo_ubuntu：数据在 /cyo57/myregistry 里",
                   "That folder is empty. It is mounted at /tmp/registry, and the registry writes to "
                   "/var/lib/registry.",
                   "那个目录是空的。它挂载在 /tmp/registry，而仓库服务写的是 /var/lib/registry。"),
            choice("cyo_ubuntu: it lies in a volume", "cyo_ubuntu：数据在卷里",
                   "It does, in an anonymous one. But the new container gets a new anonymous volume; nothing leads to "
                   "the old one any more.",
                   "确实在卷里，不过是匿名卷。新容器得到的是另一个新的匿名卷，旧的没有人再用了。"),
            choice("Nothing", "什么都没有",
                   "The image declares VOLUME /var/lib/registry: each container gets an anonymous volume of its own. "
                   "The notes' -v saves nothing.",
                   "镜像声明了 VOLUME /var/lib/registry：每个容器都有自己的匿名卷。笔记里的 -v 什么也没存下来。"),
        ),
        3,
    ),
    "08.delete": Question(
        ("docker rmi 172.17.0.1:5000/cyo_ubuntu:1.0. What does the registry have after it?",
         "执行 docker rmi 172.17.0.1:5000/cyo_ubuntu:1.0 之后，仓库服务里还有什么？"),
        (
            choice("Nothing of the image: it was deleted there", "没有这个镜像了：仓库服务里也删了",
                   "rmi takes a name away from this host's docker. It does not speak to any registry.",
                   "rmi 去掉的是本机 docker 里的一个名字，根本不和仓库服务通信。"),
            choice("The image without its tag", "镜像还在，只是没有标签了",
                   "The registry's tag is the registry's. A name on a host is another thing.",
                   "仓库服务里的标签归它自己管，和主机上的名字是两回事。"),
            choice("All that it had", "原来有的全都在",
                   "And to delete it there, one has to ask it by digest, and it must allow that: as it was started, it "
                   "does not.",
                   "要在仓库服务里删除，必须按摘要向它请求，而且它得允许：照现在这样启动，它是不允许的。"),
        ),
        3,
    ),
}

REGISTRY_RECALL: dict[str, tuple[tuple[Both, Both], ...]] = {
    "07": (
        (("docker tag gives an image a second name. What is stored twice then?",
          "docker tag 给镜像起了第二个名字。有什么东西存了两份？"),
         ("Nothing: both names lead to one ID.", "没有：两个名字指向同一个 ID。")),
        (("A container wrote into a volume and was committed. Is that in the image?",
          "容器往卷里写了文件，然后提交。镜像里有这些文件吗？"),
         ("No: a volume lies beside the container's own layer.", "没有：卷不在容器自己的层里。")),
        (("A container was stopped. Does docker run of its image go on with it?",
          "容器停止了。用同一个镜像 docker run，会接着用它吗？"),
         ("No: run makes a new one. docker start goes on.", "不会：run 新建一个，docker start 才接着用。")),
    ),
    "08": (
        (("What decides where a push goes?", "推送到哪里由什么决定？"),
         ("The name: registry, namespace, repository are in it.", "名字：仓库服务的地址、命名空间、仓库名都在里面。")),
        (("A folder of the host is mounted at /etc of a container. What of the image's /etc is seen?",
          "把主机的一个目录挂载到容器的 /etc。镜像里的 /etc 还能看到什么？"),
         ("Nothing: a mount hides, it does not merge.", "什么都看不到：挂载会遮住，不会合并。")),
        (("Which layers does a push send?", "推送会传输哪些层？"),
         ("Those that the registry does not have.", "仓库服务里没有的层。")),
    ),
}
"""Questions from earlier lessons with which a lesson opens, and their answers."""
