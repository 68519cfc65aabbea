"""The sentences of the lessons on lookup and containers, in English and Chinese; `text.CATALOGUE` takes them in."""

from __future__ import annotations

UNION_STRINGS: dict[str, tuple[str, str]] = {
    "mount.title": ("A container: the image's layers and a writable one on top", "容器：镜像各层之上再加一个可写层"),
    "mount.title_after": ("After {command}", "执行 {command} 之后"),
    "mount.how": (
        "The dashed plate is the container's own. Every change lands there; the plates below stay as they are.",
        "虚线框是容器自己的层。所有改动都落在那里，下面各层保持原样。",
    ),
    "mount.alt": (
        "A writable layer on {n} read-only {n:layer|layers}.", "{n} 个只读层之上有一个可写层。"
    ),
    "mount.cost": ("Copied up: {size} ({bytes:,} bytes).", "向上复制了 {size}（{bytes:,} 字节）。"),
    "did.copy-up": ("{paths} was copied up from layer {layer}", "{paths} 已从第 {layer} 层向上复制"),
    "did.copy-up_file": (
        "the whole file {paths} was copied up from layer {layer}", "整个文件 {paths} 已从第 {layer} 层向上复制"
    ),
    "did.copy-up_bare": (
        "{paths} was copied up from layer {layer} without its data", "{paths} 已从第 {layer} 层向上复制，但不带数据"
    ),
    "did.parent": (
        "{n:the directory|the directories} {paths} {n:was|were} copied up, without content, to hold the change",
        "{n} 个目录（{paths}）被向上复制，不带内容，用来容纳这个改动",
    ),
    "did.whiteout": ("a whiteout hides {paths}", "whiteout 遮住了 {paths}"),
    "did.uncovered": ("the whiteout of {paths} gave way", "{paths} 的 whiteout 被取代"),
    "did.opaque": (
        "{paths} is opaque: what lower layers have in it stays hidden", "{paths} 不透明：下面各层里它的内容仍被遮住"
    ),
    "did.redirect": ("{paths} remembers its old name", "{paths} 记住了原来的名字"),
    "did.created": ("{paths} was created in the container's layer", "{paths} 在容器层里创建"),
    "did.removed": ("{paths} was removed from the container's layer", "{paths} 从容器层里删除"),
    "did.moved": ("{paths} was moved within the container's layer", "{paths} 在容器层里移动"),
    "did.linked": ("{paths} was linked", "{paths} 建立了硬链接"),
    "did.wrote": ("{bytes:,} {bytes:byte|bytes} written to {paths}", "向 {paths} 写入 {bytes:,} 字节"),
    "did.nothing": ("nothing in the container's layer changed", "容器层没有任何变化"),
    "refused.EXDEV": (
        "EXDEV: the directory {path} lies in a lower layer, and rename only moves what is in the container's own. "
        "mv(1) then copies the tree and deletes the old one",
        "EXDEV：目录 {path} 在下面的层里，而 rename 只能移动容器层自己的东西。mv(1) 于是复制整棵树，再删除旧的",
    ),
    "refused.EROFS": ("EROFS: {path} has no writable layer above it", "EROFS：{path} 之上没有可写层"),
    "refused.ENOTEMPTY": ("ENOTEMPTY: {path} still holds something", "ENOTEMPTY：{path} 里还有东西"),
    "refused.ENOENT": ("ENOENT: {path} is not there", "ENOENT：{path} 不存在"),
    "refused.other": ("{name}: {message} ({path})", "{name}：操作被拒绝（{path}，{message}）"),
    "diff.caption": ("The container compared with its image", "容器与它的镜像相比"),
    "diff.A": ("added", "新增"),
    "diff.C": ("changed, or something in it", "已修改，或其中有改动"),
    "diff.D": ("deleted", "已删除"),
    "column.meaning": ("which means", "含义"),
    "column.what": ("what", "什么"),
    "column.holds": ("shows", "显示"),
    "facts.caption": ("Asked of the mount", "向挂载点询问"),
    "mount.label": ("Operations done", "已执行的操作数"),
    "mount.at": ("{k} of {n} {n:operation|operations} done", "共 {n} 个操作，已执行 {k} 个"),
    # A container's life
    "life.before": ("Before the first command", "第一条命令之前"),
    "life.after": ("After {command}", "执行 {command} 之后"),
    "life.how": (
        "A container is a process, a writable layer, and an image that is only read. Dashed: not there.",
        "容器由三部分组成：一个进程、一个可写层、一个只读的镜像。虚线：不存在。",
    ),
    "life.printed": ("what docker printed", "docker 的输出"),
    "life.process": ("process", "进程"),
    "life.runs": ("runs {what}", "正在运行 {what}"),
    "life.exited": ("no process: exited ({code})", "没有进程：已退出（{code}）"),
    "life.created": ("no process yet", "还没有进程"),
    "life.absent": ("not there", "不存在"),
    "life.layer": ("its writable layer", "它的可写层"),
    "life.empty": ("empty", "空的"),
    "life.image": ("image {name}, read-only", "镜像 {name}，只读"),
    "life.volume": ("volume {name}", "卷 {name}"),
    "life.more": ("and {n} more", "另有 {n} 项"),
    "life.nobody": ("There is no container and no volume.", "这台主机上没有容器，也没有卷。"),
    "life.count": ("{n} {n:change|changes} in its layer", "它的层里有 {n} 处改动"),
    "life.label": ("Commands done", "已执行的命令数"),
    "life.at": ("{k} of {n} {n:command|commands}", "共 {n} 条命令，已执行 {k} 条"),
}
