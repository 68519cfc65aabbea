"""The questions of the lesson on transfers; `questions.QUESTIONS` takes them in."""

from __future__ import annotations

from .question import Both, Question, choice

TRANSFER_QUESTIONS: dict[str, Question] = {
    "09.first": Question(
        ("docker pull redis fetches six layers. Layer 1 has 29.1 MB, layer 2 has 1 kB. When is layer 2 complete?",
         "docker pull redis 要下载六层。第 1 层 29.1 MB，第 2 层 1 kB。第 2 层什么时候完成（Pull complete）？"),
        (
            choice("At once: it is here first", "马上：它最先下载完",
                   "It is downloaded first. But it is unpacked upon layer 1, which is not here yet.",
                   "它确实最先下载完。但它要解压在第 1 层之上，而第 1 层还没到。"),
            choice("When layer 1 is unpacked", "第 1 层解压完之后",
                   "A layer holds changes to what is below it, so docker unpacks from the base up, one after another.",
                   "一层记录的是对下面各层的改动，所以 docker 从基础层开始，一层接一层地解压。"),
            choice("When all six are downloaded", "六层全部下载完之后",
                   "Nothing waits for the last download: a layer is unpacked once it is here and its parent is in.",
                   "不用等最后一个下载：一层只要到了，而且下面一层已经就位，就可以解压。"),
        ),
        2,
    ),
    "09.second": Question(
        ("redis is here. Now docker pull nginx: seven layers, 70.6 MB compressed. How much is downloaded?",
         "redis 已经在本地。现在 docker pull nginx：七层，压缩后共 70.6 MB。要下载多少？"),
        (
            choice("70.6 MB: it is another image", "70.6 MB：这是另一个镜像",
                   "Layers are fetched, not images, and one of these is here under another image's name.",
                   "下载的是层，不是镜像；其中一层已经在本地，只是属于另一个镜像。"),
            choice("41.5 MB", "41.5 MB（少了第 1 层）",
                   "Layer 1 is that of redis, by its digest: Already exists. It is neither fetched nor unpacked.",
                   "按摘要看，第 1 层就是 redis 的那一层：Already exists，既不下载也不解压。"),
            choice("Nothing: both stand on debian", "不用下载：两个都基于 debian",
                   "They share one layer. The six above it are nginx's own.",
                   "它们只共用一层，上面六层是 nginx 自己的。"),
        ),
        2,
    ),
    "09.mount": Question(
        ("redis was pushed to a registry as web/redis. Now nginx is pushed to the same registry as web/nginx, for the "
         "first time. What of their common layer 1 (29.1 MB) is sent?",
         "redis 已经推送到某个仓库服务的 web/redis。现在第一次把 nginx 推送到同一个服务的 web/nginx。"
         "两者共用的第 1 层（29.1 MB）要传多少？"),
        (
            choice("All of it: web/nginx is empty", "全部：web/nginx 还是空的",
                   "The repository is empty, the registry is not. The client asks it to link the blob from web/redis.",
                   "仓库是空的，但服务里有这个 blob。客户端请它从 web/redis 链接过来。"),
            choice("Nothing: the registry links it from web/redis", "不传：服务从 web/redis 链接过来",
                   "That is a cross-repository mount: one request, no bytes. Another registry knows nothing of it, and "
                   "gets all 29.1 MB.",
                   "这叫跨仓库挂载：一个请求，不传字节。换一个服务就没有这回事，29.1 MB 要全部传。"),
            choice("Nothing: layer 1 belongs to debian and is everywhere", "不传：第 1 层属于 debian，到处都有",
                   "No registry fetches layers from another by itself. What it holds was pushed to it.",
                   "没有哪个服务会自己去别处取层。它有的，都是别人推送上来的。"),
        ),
        2,
    ),
    "09.again": Question(
        ("The app's three layers, config and manifest were pushed a minute ago. The same push again: which requests "
         "are made?",
         "一分钟前刚推送过应用的三层、配置和清单。现在原样再推送一次，会有哪些请求？"),
        (
            choice("None: the client remembers", "没有：客户端记得",
                   "Somebody may have deleted it meanwhile. The client asks.",
                   "这期间可能有人把它删了，所以客户端要问。"),
            choice("HEAD for each blob, and PUT of the manifest", "每个 blob 一次 HEAD，最后 PUT 清单",
                   "Four times 200 spare 1.5 MB. The manifest is put in any case: it is what makes the tag lead there.",
                   "四个 200 省下 1.5 MB。清单总要 PUT：标签靠它指过去。"),
            choice("The same as a minute ago", "和一分钟前完全一样",
                   "A HEAD that finds the blob is all there is for it: no POST, no PATCH, no PUT.",
                   "HEAD 查到已有，这个 blob 就结束了：不再有 POST、PATCH、PUT。"),
        ),
        2,
    ),
    "09.fast": Question(
        ("A host pulls nginx and starts it over 100 Mbit/s with 20 ms delay: 8.1 s. With a line of 1000 Mbit/s?",
         "某主机的线路为 100 Mbit/s、单程延迟 20 毫秒，拉取并启动 nginx 用了 8.1 秒。换成 1000 Mbit/s 呢？"),
        (
            choice("0.8 s: a tenth", "0.8 秒：十分之一",
                   "Only the downloads get faster. Unpacking, round trips and the start itself stay as they are.",
                   "变快的只有下载。解压、往返和启动本身都没有变。"),
            choice("3.7 s: about half", "3.7 秒：大约一半",
                   "1.7 s of unpacking, 1 s of starting and the round trips of slow connections remain.",
                   "还剩 1.7 秒解压、1 秒启动，以及慢启动所需的往返时间。"),
            choice("8.1 s: the delay decides", "8.1 秒：由延迟决定",
                   "70 MB fill the line of 100 Mbit/s for six seconds: there the bandwidth decides.",
                   "70 MB 要占满 100 Mbit/s 的线路约六秒：这时是带宽说了算。"),
        ),
        2,
    ),
    "09.delete": Question(
        ("base and app are in the registry: 1.51 MB. DELETE removes the tag of app, then its manifest. How much does "
         "the registry store now?",
         "仓库服务里有 base 和 app，共 1.51 MB。用 DELETE 先删掉 app 的标签，再删掉它的清单。现在服务里存了多少？"),
        (
            choice("1.51 MB: as much as before", "1.51 MB：和之前一样",
                   "Names are gone, bytes are not: others may need them. Only collecting garbage looks who does.",
                   "没有了的是名字，不是字节：别人可能还要用。谁还在用，垃圾回收时才会去查。"),
            choice("1.2 MB: what base needs", "1.2 MB：base 需要的",
                   "That is what is left after garbage was collected. DELETE does not look for what nobody needs.",
                   "那是垃圾回收之后的大小。DELETE 不会去找没人用的东西。"),
            choice("Nothing: app stands on base", "什么也不剩：app 基于 base",
                   "base's manifest still names its layer, and so it stays, whatever is collected.",
                   "base 的清单还引用着它的层，所以不管怎么回收都会留下。"),
        ),
        1,
    ),
}

TRANSFER_RECALL: dict[str, tuple[tuple[Both, Both], ...]] = {
    "09": (
        (("What decides to which registry docker push sends?", "docker push 把镜像推到哪个仓库服务，由什么决定？"),
         ("The name: what stands before its first slash.", "由名字决定：第一个斜杠之前的部分。")),
        (("On which machine is insecure-registries set?", "insecure-registries 在哪台机器上设置？"),
         ("On the one that pushes or pulls; then its docker is reloaded.",
          "在推送或拉取的那台机器上，然后重新加载它的 docker。")),
        (("Which name of a layer does a registry know: DiffID or digest?", "仓库服务认层的哪个名字：DiffID 还是摘要？"),
         ("The digest: that of the compressed blob.", "摘要，也就是压缩后的 blob 的摘要。")),
    ),
}
"""Questions from earlier lessons with which the lesson opens, and their answers."""
