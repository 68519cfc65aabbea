"""The sentences of the lesson on deduplication, in English and Chinese; `text.CATALOGUE` takes them in."""

from __future__ import annotations

SHARING_STRINGS: dict[str, tuple[str, str]] = {
    # Columns
    "column.hidden": ("hidden", "被遮住"),
    "column.counted_by": ("counted by", "由谁统计"),
    "column.figure": ("figure", "指标"),
    "column.wasted": ("wasted", "浪费"),
    "column.unit": ("unit", "单位"),
    "column.count": ("different", "互不相同"),
    "column.apart": ("each by itself", "各存各的"),
    "column.kept": ("kept", "实际保留"),
    "column.ratio": ("ratio", "比值"),
    "column.version": ("version", "版本"),
    "column.pieces": ("pieces", "段数"),
    "column.new": ("new", "新的"),
    "column.bytes_new": ("stored again", "再存一遍"),
    "column.same": ("chunks already there", "已有的分块"),
    "column.images": ("images", "镜像数"),
    "column.cache": ("cache, part of all blobs", "缓存（占全部 blob）"),
    "column.hits": ("hits", "命中"),
    # The treemap
    "area.title": ("{name}: every byte stored below {path}", "{name}：{path} 之下存储的每一个字节"),
    "area.how": (
        "Area is bytes. Colour and number: the layer that stores them. Grey hatch: stored, and nobody sees it.",
        "面积表示字节数，颜色和数字表示由哪一层存储；灰色斜纹表示存着却没有人看得见。",
    ),
    "area.words": (
        "{stored} stored, {seen} seen: {part} %.", "存储了 {stored}，看得见的有 {seen}，占 {part} %。",
    ),
    "area.cost": ("{size} are hidden: {ways}.", "被遮住的有 {size}：{ways}。"),
    "area.way": ("{size} of layer {layer} by layer {by} ({fate})", "第 {layer} 层的 {size} 被第 {by} 层遮住（{fate}）"),
    "area.seen": ("{size} seen", "看得见 {size}"),
    "area.hidden": ("{size} hidden", "被遮住 {size}"),
    "area.rest": ("{n} small {n:file|files}", "{n} 个小文件"),
    "area.nothing": ("nothing is stored below {path}", "{path} 之下没有存储任何内容"),
    "area.no_layer": ("there is no layer {n}", "没有第 {n} 层"),
    "area.up": ("..  (one up)", "..  （上一级）"),
    "area.place": ("Directory", "目录"),
    "area.layer": ("Layer in colour", "上色的层"),
    "area.all": ("all", "全部"),
    # The waste, three times
    "waste.title": ("{name}: three answers to how much is wasted", "{name}：浪费了多少，有三种答案"),
    "waste.how": (
        "One scale for all three bars: the outline is what is stored.", "三条用同一比例；外框是存储的总量。",
    ),
    "waste.words": (
        "{live} of {stored} are seen: {ratio}. What the two tools count is something else.",
        "存储了 {stored}，看得见 {live}，比值 {ratio}。两个工具数的是别的东西。",
    ),
    "waste.true": ("seen by somebody", "有没有人看得见"),
    "waste.ratio": ("seen / stored {n}", "看得见 / 存储 {n}"),
    "waste.seen": ("seen", "看得见"),
    "waste.score": ("score {n}", "得分 {n}"),
    "waste.twins": ("{n} {n:content|contents} at {m} {m:path|paths}", "{n} 份内容出现在 {m} 个路径上"),
    "waste.wasted": ("{size} wasted", "浪费 {size}"),
    # Sharing
    "share.title": ("What is kept of {names}", "{names}：实际要保留多少"),
    "share.how": (
        "The outline is what the images need one by one, the filled part what is kept when equal ones are kept once."
        " Layers and chunks are of tars; files are counted without the tar's headers.",
        "外框是各存各的总量；填色部分是相同的只存一份时保留的量。层和分块按 tar 计；文件不算 tar 的头部。",
    ),
    "share.layers": ("layers", "层"),
    "share.files": ("files", "文件"),
    "share.chunks": ("chunks", "分块"),
    "share.blocks": ("blocks", "定长块"),
    "share.count": ("{n} of {m} are different", "{m} 个中有 {n} 个互不相同"),
    "share.kept": ("{size} kept, {ratio}", "保留 {size}，{ratio}"),
    "share.row": (
        "Equal {name} once: {kept} of {total} ({ratio}).", "相同的{name}只存一份：{total} 只需 {kept}（{ratio}）。",
    ),
    "share.tar": ("tar, cut into chunks", "tar，切成分块"),
    "share.gzip": ("tar.gz, cut into chunks", "tar.gz，切成分块"),
    "share.gzip_title": (
        "The layer that {other} has and {one} has not: how much of it {one} holds in chunks",
        "{other} 有而 {one} 没有的那一层：{one} 的分块里已经有多少",
    ),
    "share.unknown": ("nothing is shared by {unit!r}", "没有按 {unit!r} 共用这回事"),
    "share.form": ("stored as", "存储方式"),
    "share.size": ("bytes", "字节数"),
    # An edit
    "edit.insert": ("{n:,} {n:byte is|bytes are} inserted at {at:,}", "在 {at:,} 处插入 {n:,} 字节"),
    "edit.overwrite": ("{n:,} {n:byte is|bytes are} overwritten at {at:,}", "从 {at:,} 起改写 {n:,} 字节"),
    "edit.delete": ("{n:,} {n:byte is|bytes are} deleted at {at:,}", "从 {at:,} 起删除 {n:,} 字节"),
    "edit.how": (
        "A file of 65,536 bytes before and after, cut twice. What has a 1 is stored already; what has a 2,"
        " and is taller, is new.",
        "一个 65,536 字节的文件，修改前后各用两种方法切开。标 1 的已经存好；标 2 的更高，是新的。",
    ),
    "edit.blocks": ("Blocks of {size} bytes", "定长块，每块 {size} 字节"),
    "edit.chunks": ("Chunks cut by content, about {size} bytes each", "按内容切的分块，每块大约 {size} 字节"),
    "edit.version": ("version {n}", "版本 {n}"),
    "edit.blocks_words": (
        "Blocks: {new} of {all} are new, {size} stored again.", "定长块：{all} 块中 {new} 块是新的，要再存 {size}。",
    ),
    "edit.chunks_words": (
        "Chunks: {new} of {all} {new:is|are} new, {size} stored again.",
        "按内容切：{all} 块中 {new} 块是新的，要再存 {size}。",
    ),
    "edit.unknown": ("nobody can {what} bytes here", "这里不能对字节做 {what}"),
    "edit.outside": ("that lies outside the file, or is too long", "超出了文件范围，或者太长"),
    "edit.action": ("Do", "操作"),
    "edit.do_insert": ("insert", "插入"),
    "edit.do_overwrite": ("overwrite", "改写"),
    "edit.do_delete": ("delete", "删除"),
    "edit.offset": ("at byte", "位置"),
    "edit.length": ("bytes", "字节数"),
    # Collections
    "grow.title": ("The more images, the more is shared", "镜像越多，共用的越多"),
    "grow.how": (
        "Bytes named over bytes kept. The images are made up, with the shapes that were published of {population}.",
        "引用的字节数与保留的字节数之比。镜像是虚构的，分布取自公开发表的数据（{population}）。",
    ),
    "grow.axis": ("images", "镜像数"),
    "grow.layers": ("each layer once", "每层只存一份"),
    "grow.files": ("each file once", "每个文件只存一份"),
    "grow.words": (
        "{what}: {first} with {least} images, {last} with {most}",
        "{what}：{least} 个镜像时 {first}，{most} 个时 {last}",
    ),
    "cache.title": ("A small cache answers many requests", "小小的缓存就能应付许多请求"),
    "cache.how": (
        "Requests that a cache in front of a registry answers. {requests} requests for {distinct} blobs, made up with"
        " the popularity that was published of IBM's registry, 2017.",
        "镜像仓库服务前面的缓存能应付多少请求。共 {requests} 次请求、{distinct} 个 blob，是按公开发表的热度"
        "（IBM 的镜像仓库服务，2017 年）虚构的。",
    ),
    "cache.best": ("best possible", "理论最优"),
    "cache.axis": ("size of the cache, in % of all blobs", "缓存大小，占全部 blob 的百分比"),
    "cache.words": (
        "{what}: {first} with {least} % of the blobs, {last} with {most} %",
        "{what}：存得下 {least} % 时命中 {first}，{most} % 时 {last}",
    ),
    "column.hidden_by": ("hidden by", "被谁遮住"),
    "column.advice": ("what to write instead", "应当怎样写"),
    "advice.title": ("{name}: which instruction stores bytes that nobody sees",
                     "{name}：哪条指令存下了没人看得见的字节"),
    "advice.layer": ("layer {n}: {made}", "第 {n} 层：{made}"),
}
