"""What the instruments of the lessons say: the registry browser, the copy-up explorer, a build's story."""

from __future__ import annotations

INSTRUMENT_STRINGS: dict[str, tuple[str, str]] = {
    "stepper.speed": ("Speed", "速度"),
    "stepper.again": ("Read again", "重新读取"),
    "widget.lost": (
        "The kernel that answered here is gone: run this cell again, after those above it.",
        "这里原来的内核已经不在了：请从上面开始重新运行到这个单元格。",
    ),
    "stepper.no_name": ("there is no {name} to choose", "没有 {name} 可选"),
    # A registry's repositories
    "shelf.label": ("Tags followed", "已查看的标签"),
    "shelf.repository": ("Repository", "仓库"),
    "shelf.title": ("The repository {name}", "仓库 {name}"),
    "shelf.how": (
        "A tag names a manifest. A manifest names a config and layers, each by its digest.",
        "标签指向清单；清单用摘要列出一个配置和若干层。",
    ),
    "shelf.tags": ("tags", "标签"),
    "shelf.manifests": ("manifests", "清单"),
    "shelf.blobs": ("blobs", "blob（数据块）"),
    "shelf.none": ("nothing yet", "还没有"),
    "shelf.untagged": ("no tag", "没有标签"),
    "shelf.config": ("config, {size}", "配置，{size}"),
    "shelf.layer": ("layer {n}, {size}", "第 {n} 层，{size}"),
    "shelf.blob": ("blob, {size}", "数据块，{size}"),
    "shelf.unneeded": ("no manifest names it, {size}", "没有清单列出它，{size}"),
    "shelf.also": ("also in {names}", "也在 {names} 里"),
    "shelf.more": ("{n} more", "另有 {n} 个"),
    "shelf.empty": (
        "Nothing was pushed to {name} yet.", "还没有人向 {name} 推送过。"
    ),
    "shelf.sum": (
        "{tags} {tags:tag|tags} and {images} {images:image|images}, "
        "which {images:needs|need} {blobs} {blobs:blob|blobs} of {size}",
        "有 {tags} 个标签、{images} 个镜像；这些镜像需要 {blobs} 个 blob，共 {size}",
    ),
    "shelf.indexes": (
        "{n} of the images {n:is an index|are indexes}: {parts} {parts:manifest|manifests} in place of one",
        "其中 {n} 个是索引（index）：它列出 {parts} 个清单，而不是一个",
    ),
    "shelf.index_row": ("index", "索引"),
    "shelf.index": ("index of {n}, {size}B", "索引，列出 {n} 个，{size}B"),
    "shelf.part": ("in an index, {size}B", "在索引里，{size}B"),
    "shelf.about": ("about another, {size}B", "说明另一个清单，{size}B"),
    "shelf.way": (
        "The tag {tag} names the manifest {digest} ({size} bytes): a config and {layers} {layers:layer|layers}, "
        "{bytes}",
        "标签 {tag} 指向清单 {digest}（{size} 字节）：一个配置和 {layers} 层，共 {bytes}",
    ),
    "shelf.way_digest": (
        "No tag names the manifest {digest} ({size} bytes): a config and {layers} {layers:layer|layers}, {bytes}. "
        "Its digest still pulls it",
        "清单 {digest}（{size} 字节）没有标签：一个配置和 {layers} 层，共 {bytes}。用它的摘要仍然可以拉取",
    ),
    "shelf.way_index": (
        "The tag {tag} names the index {digest} ({size} bytes): {n} {n:manifest|manifests}, which together need "
        "{blobs} {blobs:blob|blobs} of {bytes}. A pull takes the manifest of its platform",
        "标签 {tag} 指向索引 {digest}（{size} 字节）：它列出 {n} 个清单，一共需要 {blobs} 个 blob，共 {bytes}。"
        "拉取时只取适合本机平台的那个清单",
    ),
    "shelf.way_index_digest": (
        "No tag names the index {digest} ({size} bytes): {n} {n:manifest|manifests}, which together need "
        "{blobs} {blobs:blob|blobs} of {bytes}. Its digest still pulls it",
        "索引 {digest}（{size} 字节）没有标签：它列出 {n} 个清单，一共需要 {blobs} 个 blob，共 {bytes}。"
        "用它的摘要仍然可以拉取",
    ),
    "shelf.way_part": (
        "An index names the manifest {digest} ({size} bytes): a config and {layers} {layers:layer|layers}, {bytes}",
        "索引列出了清单 {digest}（{size} 字节）：一个配置和 {layers} 层，共 {bytes}",
    ),
    "shelf.same": ("It has these names too: {tags}", "它还有别的名字：{tags}"),
    "shelf.shared": (
        "Of these blobs {n} {n:is|are} in {names} too, and {n:is|are} stored once",
        "其中 {n} 个 blob 也在 {names} 里，只存一份",
    ),
    "shelf.garbage": (
        "{n} {n:blob is|blobs are} named by no manifest: garbage collection would free {size}",
        "{n} 个 blob 没有清单列出：垃圾回收可以释放 {size}",
    ),
    "shelf.at": ("all", "全部"),
    "shelf.at_tag": ("{k} of {n}: tag {tag}", "第 {k} 个，共 {n} 个：标签 {tag}"),
    "shelf.at_digest": ("{k} of {n}: manifest {digest}", "第 {k} 个，共 {n} 个：清单 {digest}"),
    "shelf.at_index": ("{k} of {n}: index {digest}", "第 {k} 个，共 {n} 个：索引 {digest}"),
    "shelf.unknown": ("no registry that answers has {name}", "能连上的镜像仓库服务里都没有 {name}"),
    # The copy-up explorer
    "explore.do": ("Do", "操作"),
    "explore.go": ("Do it", "执行"),
    "explore.cat": ("read it", "读取"),
    "explore.append": ("append a byte", "追加一个字节"),
    "explore.put": ("overwrite it", "覆盖写入"),
    "explore.chmod": ("change its mode", "修改权限"),
    "explore.rename": ("rename it to .old", "改名为 .old"),
    "explore.unlink": ("delete it", "删除"),
    "explore.rmdir": ("remove the directory", "删除目录"),
    "explore.mkdir": ("make a directory", "新建目录"),
    # A build, instruction by instruction
    "build.label": ("Instructions done", "已执行的指令"),
    "build.at": ("{k} of {n} {n:instruction|instructions}", "共 {n} 条指令，已执行 {k} 条"),
    "build.before": ("Before the first instruction", "第一条指令之前"),
    "build.after": ("Instruction {k} of {n}: {what}", "第 {k} 条指令，共 {n} 条：{what}"),
    "build.how": (
        "The first instruction is the lowest row. A row with a number made that layer; the others only wrote into "
        "the image's config.",
        "最下面一行是第一条指令。带编号的行产生了那一层；其余的行只写进镜像的配置。",
    ),
    "build.config": ("No layer: only the config changed", "不产生层：只改了配置"),
    "build.layer": ("Layer {n}, {size}: {what}", "第 {n} 层，{size}：{what}"),
    "build.layer_bare": ("Layer {n}, {size}", "第 {n} 层，{size}"),
    "build.whiteout": ("whiteout {path}", "删除标记 {path}"),
    "build.sum": (
        "So far {steps} {steps:instruction|instructions} made {layers} {layers:layer|layers} of {size}",
        "到这里 {steps} 条指令产生了 {layers} 层，共 {size}",
    ),
    "image.unknown": ("this host has no image {name}", "本机没有镜像 {name}"),
    # A cell that fails
    "failed.name": (
        "{name} is not there yet. Run the cells above this one first: menu Run, Run All Above Selected Cell",
        "还没有 {name}。请先运行上面的单元格：菜单 Run → Run All Above Selected Cell",
    ),
    "failed.package": (
        "this needs {name}, which is not installed. Start the lessons with: python3 -m sim lab",
        "这里需要 {name}，但没有安装。请这样启动课程：python3 -m sim lab",
    ),
    "failed.misuse": (
        "{call} cannot work with this: {error}. Type {call}? to see what it takes, %tb to see where it failed",
        "{call} 用不了这个值：{error}。输入 {call}? 查看它需要什么，输入 %tb 查看出错的位置",
    ),
}
