"""The sentences of deduplication, in English and Chinese: what to change in a Dockerfile, and why two scores differ.

The keys are those that `dedup.offenders` and `dedup.scores` give; `sim dedup` prints the English.
"""

from __future__ import annotations

DEDUP_STRINGS: dict[str, tuple[str, str]] = {
    "fate.live": ("seen", "看得见"),
    "fate.deleted": ("deleted", "已删除"),
    "fate.overwritten": ("overwritten", "已被覆盖"),
    "fate.attributes": (
        "only its mode or owner changed, and all of it is stored again", "只改了权限或属主，却整个又存了一遍"
    ),
    "fate.repeated": ("the same bytes again", "同样的字节又存了一遍"),
    "advice.delete-where-made": (
        "Delete it in the same RUN that made it (RUN make && rm ...), or build in another stage and COPY --from the"
        " result: a later rm hides the bytes and removes none.",
        "在生成它的同一条 RUN 里删除（RUN make && rm ……），或者用多阶段构建，只 COPY --from 需要的结果："
        "后面的 rm 只是遮住字节，一个也没少。",
    ),
    "advice.copy-less": (
        "Do not copy what is deleted later: name it in .dockerignore, or lend it to one RUN with --mount=type=bind.",
        "不要复制后面会删掉的东西：把它写进 .dockerignore，或者用 --mount=type=bind 只借给那一条 RUN。",
    ),
    "advice.cache": (
        "Keep the package manager's cache out of the layer: clean up in the same RUN that fills it"
        " (apt-get update && apt-get install ... && rm -rf /var/lib/apt/lists/*), or give it --mount=type=cache.",
        "别让包管理器的缓存进到层里：在填满它的同一条 RUN 里清掉"
        "（apt-get update && apt-get install …… && rm -rf /var/lib/apt/lists/*），或者用 --mount=type=cache。",
    ),
    "advice.database": (
        "Every installation rewrites the package database and its logs: install all packages in one RUN. What is left"
        " of this is the price of a layer.",
        "每次安装都会重写包数据库和日志：把要装的包放进一条 RUN。剩下的这一点，是多一层的代价。",
    ),
    "advice.write-once": (
        "Write the file once, in its last form: join the two instructions, or put the one that changes it first.",
        "文件只写一次，写成最终的样子：把两条指令合并，或者让修改它的那条先执行。",
    ),
    "advice.chmod-copy": (
        "Give the mode and the owner with the copy: COPY --chmod=... --chown=.... A chmod in a layer of its own stores"
        " the whole file again.",
        "复制时就给好权限和属主：COPY --chmod=…… --chown=……。单独一层的 chmod 会把整个文件再存一遍。",
    ),
    "advice.chmod-run": (
        "Run chmod or chown in the RUN that made the files: in a layer of its own it stores every file again, whole.",
        "在生成文件的那条 RUN 里执行 chmod 或 chown：单独成层时，每个文件都会整个再存一遍。",
    ),
    "advice.chmod-base": (
        "The files are the base image's: change the mode or owner of those alone that need it, never with -R on a whole"
        " tree. Each one that is touched is stored again, whole.",
        "这些文件属于基础镜像：只改真正需要改的那几个，不要对整棵树用 -R。每碰一个文件，就会整个再存一遍。",
    ),
    "advice.repeated": (
        "The same bytes are written twice: drop one of the two, or copy only what has changed.",
        "同样的字节写了两遍：去掉其中一遍，或者只复制变过的部分。",
    ),
    "advice.base": (
        "These bytes are in the base image, and no instruction above it can take them out: choose a smaller base, or"
        " copy what you need into one (COPY --from).",
        "这些字节在基础镜像里，上面的指令拿不走它们：换一个更小的基础镜像，或者用 COPY --from 只取需要的东西。",
    ),
    "dive.survivor": (
        "dive calls {size} wasted that are seen: of a path that comes twice it counts the copy in use, too",
        "dive 把看得见的 {size} 也算成浪费：同一路径出现两次时，正在使用的那份也被算进去",
    ),
    "dive.once": (
        "dive misses {size} that are hidden: their paths come once, and they went with a directory or under one that"
        " is opaque",
        "dive 漏掉了被遮住的 {size}：这些路径只出现一次，是随目录一起被删掉，或被不透明目录遮住的",
    ),
    "dive.folder": (
        "dive counts {size} of deleted directories a second time, since their paths come again",
        "dive 把已删除目录的 {size} 又算了一遍，因为同一路径再次出现",
    ),
    "slim.live": (
        "slim calls {size} wasted that are seen: equal files at several paths, which no other layer hides",
        "slim 把看得见的 {size} 算成浪费：几个路径上内容相同的文件，没有哪一层遮住它们",
    ),
    "slim.once": (
        "slim misses {size} that are hidden: their content has one path only",
        "slim 漏掉了被遮住的 {size}：这些内容只在一个路径上出现过",
    ),
}
