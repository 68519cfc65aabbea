"""Every sentence that a learner reads outside a notebook's own cells, in English and Chinese.

    t("look.layer", "en", n=2)  ->  "layer 2"
    t("look.layer", "zh", n=2)  ->  "第 2 层"

Both languages have the same keys and, key by key, the same fields; a test holds them to it. The questions
of the lessons are in `questions`.
"""

from __future__ import annotations

from itertools import groupby
from string import Formatter

from ..errors import errno_name
from ..union.answer import Lookup, Said, Step
from ..union.paths import MAX_SYMLINKS, NAME_MAX, PATH_MAX
from .texts.boot import BOOT_STRINGS
from .texts.course import COURSE_STRINGS
from .texts.dedup import DEDUP_STRINGS
from .texts.exercises import EXERCISE_STRINGS
from .texts.instruments import INSTRUMENT_STRINGS
from .texts.registries import REGISTRY_STRINGS
from .texts.sharing import SHARING_STRINGS
from .texts.transfers import TRANSFER_STRINGS
from .texts.union import UNION_STRINGS
from .texts.ways import WAY_STRINGS
from .texts.world import WORLD_STRINGS

LANGUAGES = ("en", "zh")

CATALOGUE: dict[str, tuple[str, str]] = {
    "as_table": ("The same as a table", "用表格看同样的内容"),
    # Plates
    "plate.base": ("base", "基础层"),
    "plate.unnamed": ("layer", "镜像层"),
    "plate.container": ("container", "容器层"),
    "plate.readonly": ("read-only, {size}", "只读，{size}"),
    "plate.writable": ("writable, {size}", "可写，{size}"),
    # Columns of tables
    "column.layer": ("layer", "层"),
    "column.made_by": ("made by", "由何而来"),
    "column.files": ("files", "文件"),
    "column.blob": ("blob", "blob"),
    "column.tar": ("tar", "tar"),
    "column.diff_id": ("DiffID", "DiffID"),
    "column.digest": ("layer digest", "层摘要"),
    "column.chain_id": ("ChainID", "ChainID"),
    "column.mode": ("mode", "权限"),
    "column.member": ("member", "成员"),
    "column.bytes": ("bytes", "字节"),
    "column.content": ("digest", "摘要"),
    "column.stored_as": ("stored as", "存储方式"),
    "column.path": ("path", "路径"),
    "column.size": ("size", "大小"),
    "column.image": ("image", "镜像"),
    "column.parent": ("on top of", "叠在谁上面"),
    "column.status": ("status", "状态"),
    # The stack
    "stack.title": ("An image of {n} {n:layer|layers}, the base lowest", "一个镜像由 {n} 层叠成，基础层在最下面"),
    "stack.how_files": ("The bar is the bytes of the layer's files.", "横条是这一层文件的字节数。"),
    "stack.how_blob": (
        "The outline is the layer's tar, the filled part its blob: what is stored and sent.",
        "外框是这一层的 tar，填色部分是它的 blob，也就是实际存储和传输的字节。",
    ),
    "stack.words": ("{n} {n:layer holds|layers hold} {size} of files.", "{n} 层一共存放 {size} 的文件。"),
    "stack.synthetic": (
        "The bytes are a sample's, the compressed sizes those of the real image.",
        "字节来自样本，压缩后的大小取自真实镜像。",
    ),
    "stack.alt_layer": ("Layer {n}: {name}, {size}", "第 {n} 层：{name}，{size}"),
    "stack.facts_both": (
        "{blob} compressed, {tar} as tar, {members} members, blob {digest}",
        "压缩后 {blob}，tar {tar}，{members} 个成员，blob {digest}",
    ),
    "stack.facts_both_short": ("{blob} compressed, {tar} as tar", "压缩后 {blob}，tar {tar}"),
    "stack.facts_same": (
        "{tar} as a plain tar, {members} members, blob {digest}", "未压缩的 tar {tar}，{members} 个成员，blob {digest}"
    ),
    "stack.facts_same_short": ("{tar} as a plain tar", "未压缩的 tar {tar}"),
    "stack.not_yet": ("not there yet", "还没有叠上"),
    # Looking down
    "look.title": ("Looking down through the layers", "从上往下看这些层"),
    "look.how": (
        "For each path the merged view shows the first thing the eye meets. A whiteout ends the search.",
        "对每个路径，合并视图显示视线最先碰到的东西。遇到 whiteout，查找就结束。",
    ),
    "look.merged": ("merged", "合并视图"),
    "look.sees": ("what the container sees", "容器看到的样子"),
    "look.layer": ("layer {n}", "第 {n} 层"),
    "look.absent": ("not there", "不存在"),
    "look.alt": ("{n} {n:layer|layers} seen from above, {m} {m:path|paths}.", "从上往下看 {n} 层、{m} 个路径。"),
    "look.more": ("{n} more {n:path is|paths are} not drawn.", "另有 {n} 个路径没有画出。"),
    "look.nobody": ("no layer has been asked yet", "还没有询问任何一层"),
    "look.goes_on": ("and the search goes on", "查找还在继续"),
    "look.silent_run": ("{first}–{last}: {n} say nothing", "{first}–{last}：{n} 层无关"),
    "look.cost_one": (
        "Layer {layers} still stores {size} that nobody can see.", "第 {layers} 层仍然存着 {size}，却没有人看得见。"
    ),
    "look.cost_many": (
        "Layers {layers} still store {size} that nobody can see.", "第 {layers} 层仍然存着 {size}，却没有人看得见。"
    ),
    "cell.file": ("file", "文件"),
    "cell.dir": ("dir", "目录"),
    "cell.link": ("link", "链接"),
    "cell.hardlink": ("hard link", "硬链接"),
    "cell.fifo": ("fifo", "管道"),
    "cell.device": ("device", "设备"),
    "cell.implied": ("implied", "隐含"),
    "cell.whiteout": ("whiteout", "whiteout"),
    "cell.hidden": ("hidden", "被遮住"),
    "cell.merges": ("merges", "被合并"),
    "cell.opaque": ("opaque", "不透明"),
    "dot.nothing": ("no", "没有"),
    "dot.implied": ("implied", "隐含"),
    "dot.stop": ("stop", "停"),
    "dot.found": ("found", "找到"),
    "dot.whiteout": ("whiteout", "whiteout"),
    "dot.opaque": ("opaque", "不透明"),
    "dot.blocked": ("not a directory", "不是目录"),
    "row.nothing": ("no: look in the layer below", "没有：往下一层看"),
    "row.found": ("has it: the search ends", "有：查找结束"),
    "row.implied": ("holds something below it: look on", "里面有它的下级：继续往下看"),
    "row.whiteout": ("whiteout of /{at}: the search ends", "/{at} 的 whiteout：查找结束"),
    "row.opaque": ("opaque /{at}: the search ends", "/{at} 不透明：查找结束"),
    "row.blocked": ("/{at} is no directory: the search ends", "/{at} 不是目录：查找结束"),
    "row.unasked": ("is not asked", "不再询问"),
    # A lookup in a sentence
    "say.layer": ("layer {n} ", "第 {n} 层"),
    "say.found": ("has it", "有"),
    "say.implied": ("only implies it", "只是隐含了它"),
    "say.whiteout": ("has a whiteout", "有它的 whiteout"),
    "say.whiteout_on": ("has a whiteout on /{at}", "有 /{at} 的 whiteout"),
    "say.opaque": ("has the opaque directory /{at}", "的目录 /{at} 不透明"),
    "say.blocked": ("has no directory at /{at}", "的 /{at} 不是目录"),
    "say.nothing": ("no", "没有"),
    "say.nothing_run": ("layers {first} to {last} no", "第 {first} 到第 {last} 层都没有"),
    "say.symlink": ("has the symlink /{at} -> {to}", "有符号链接 /{at} -> {to}"),
    "say.loop": (
        "at most {links} symlinks are followed on the way to a path", "去往一个路径的途中最多跟随 {links} 个符号链接"
    ),
    "say.too_long": (
        "a name has at most {name} bytes and a path at most {path:,}", "名字最多 {name} 字节，路径最多 {path:,} 字节"
    ),
    "say.from": ("it comes from layer {n}", "它来自第 {n} 层"),
    "say.root": ("no layer describes it", "没有哪一层描述它"),
    # The merged tree
    "tree.title": ("{path}: which layer supplies what", "{path}：哪一层提供了什么"),
    "tree.how": (
        "A bar is the bytes below a name, in the colours and numbers of the layers.",
        "横条表示这个名字之下的字节数，颜色和数字表示来自哪一层。",
    ),
    "tree.words": (
        "{paths:,} {paths:path|paths}, {live} of files are visible of {stored} stored.",
        "共 {paths:,} 个路径；存储了 {stored} 的文件，看得见的有 {live}。",
    ),
    "tree.hidden": ("{size} are stored and sent but hidden.", "{size} 被存储、被传输，却被遮住了。"),
    "tree.rest": ("{n} smaller {n:one|ones}", "另外 {n} 个较小的"),
    "tree.empty": ("Nothing is there yet.", "这里还什么都没有。"),
    "tree.one": ("layer {n} {size}", "第 {n} 层 {size}"),
    "matrix.title": ("Where the bytes of the merged view come from", "合并视图里的字节来自哪里"),
    "matrix.how": (
        "One row a directory, one column a layer; the fuller a cell, the more visible bytes.",
        "一行是一个目录，一列是一层；格子越满，看得见的字节越多。",
    ),
    "matrix.words": (
        "{rows} {rows:directory|directories}, {n} {n:layer|layers}, {size} in all.",
        "{n} 层，{rows} 个目录，共 {size}。",
    ),
    # Images over shared layers
    "graph.title": ("Images share the layers that they have in common", "镜像之间共用相同的层"),
    "graph.how": (
        "Each box is stored once. A box stands on the layer that it was made on.",
        "每个方框只存一份；方框站在它所基于的那一层上。",
    ),
    "graph.words": (
        "{images} {images:image names|images name} {named} {named:layer|layers} ({named_size}); "
        "stored are {stored} different ones ({stored_size}).",
        "{images} 个镜像引用了 {named} 层（{named_size}），真正存储的只有 {stored} 层（{stored_size}）。",
    ),
    "graph.run": ("layers {first}–{last}", "第 {first}–{last} 层"),
    # A pull, computed from digests
    "pull.title": ("A pull fetches only the layers that are not there", "拉取镜像时，只下载本地没有的层"),
    "pull.how": (
        "Striped: would be downloaded. Full colour: its digest is here already.",
        "条纹：需要下载；实色：本地已有相同摘要的层。",
    ),
    "pull.words": (
        "{name}: {fetch} of {all} would be fetched; {skip} of {layers} {layers:layer|layers} are here already.",
        "{name}：{all} 中只需下载 {fetch}；{layers} 层中已有 {skip} 层在本地。",
    ),
    "pull.have": ("Already exists", "已存在"),
    "pull.fetch": ("download {size}", "下载 {size}"),
    # The chart
    "chart.title": ("A layer has three sizes", "一层有三种大小"),
    "chart.how": (
        "blob: stored and sent. tar: unpacked stream. files: what lands on the disk.",
        "blob：存储和传输；tar：解压后的数据流；文件：落到磁盘上的内容。",
    ),
    "chart.most": ("The {n} largest of {all} layers.", "只画出 {all} 层中最大的 {n} 层。"),
    "chart.blob": ("blob", "blob"),
    "chart.tar": ("tar", "tar"),
    "chart.files": ("files", "文件"),
    "chart.words": (
        "Layer {n}: blob {blob}, tar {tar}, files {files}", "第 {n} 层：blob {blob}，tar {tar}，文件 {files}"
    ),
    # The curve
    "curve.title": ("What one lookup costs when layers are added", "层数增加时，一次查找要花多少时间"),
    "curve.how": (
        "Microseconds a lookup, both scales logarithmic. {paths} paths in all, whatever the number of layers.",
        "纵轴是一次查找的微秒数，两轴都是对数刻度。不论几层，路径总数都是 {paths}。",
    ),
    "curve.layers": ("layers", "层数"),
    "curve.kernel_cold": ("kernel, first look", "内核，首次访问"),
    "curve.lookup": ("every layer asked", "逐层询问"),
    "curve.kernel_warm": ("kernel, again", "内核，再次访问"),
    "curve.index": ("index", "索引"),
    "curve.unit": ("{what}, µs", "{what}（微秒）"),
    "curve.dict": ("dictionary", "字典"),
    "curve.words": (
        "{what}: {first} µs with {least} {least:layer|layers}, {last} µs with {most}",
        "{what}：{least} 层时 {first} 微秒，{most} 层时 {last} 微秒",
    ),
    # One pass over an image
    "reading.title": ("What one pass over an image takes", "把镜像处理一遍要花多少时间"),
    "reading.how": (
        "{image}: {stored} of gzip layers, {tar} of tars. Grey: the whole pass. Colour: each job alone on one thread.",
        "{image}：gzip 层共 {stored}，tar 共 {tar}。灰色是整个过程；彩色是每项工作单独用一个线程。",
    ),
    "reading.one_thread": ("one thread", "一个线程"),
    "reading.two_threads": ("two threads", "两个线程"),
    "reading.workers": ("two threads, processes", "两个线程，加上进程"),
    "reading.inflate": ("inflate", "解压"),
    "reading.blob": ("SHA-256 of the blobs", "blob 的 SHA-256"),
    "reading.headers": ("read tar headers", "读 tar 的头部"),
    "reading.diff_id": ("DiffIDs (SHA-256)", "DiffID（SHA-256）"),
    "reading.files": ("SHA-256 of the files", "文件的 SHA-256"),
    "reading.cut": ("cut into chunks", "切成分块"),
    "reading.chunks": ("SHA-256 of the chunks", "分块的 SHA-256"),
    "reading.one_core": ("sum, one core", "总和（一个核）"),
    "reading.two_cores": ("half of it, two cores", "一半（两个核）"),
    "reading.took": ("{took} s", "{took} 秒"),
    "reading.what": ("work", "工作"),
    "reading.time": ("time", "时间"),
    "reading.words": ("{what}: {took}", "{what}：{took}"),
    # Long work
    "waiting": ("{done} of {total} read", "已读取 {done}，共 {total}"),
    "waiting.bar": ("Reading the image", "正在读取镜像"),
    # Widgets
    "slider.label": ("Layers stacked", "已叠上的层数"),
    "slider.at": ("{k} of {n} {n:layer|layers}", "共 {n} 层，已叠 {k} 层"),
    "slider.asked": ("Layers asked for {path}", "为 {path} 询问过的层数"),
    "stepper.path": ("Path", "路径"),
    "stepper.back": ("Step back", "上一步"),
    "stepper.on": ("Step", "下一步"),
    "stepper.restart": ("Start again", "从头开始"),
    "stepper.end": ("To the end", "直到结束"),
    "stepper.play": ("Play", "播放"),
    "stepper.pause": ("Pause", "暂停"),
    "stepper.at": ("{k} of {n} {n:layer|layers} asked", "共需询问 {n} 层，已问 {k} 层"),
    # The lab
    "lab.hello": ("Layer Lab is ready.", "Layer Lab 已就绪。"),
    "lab.record": (
        "Choose above, or write lab.predict({key!r}, NUMBER) and run the cell.",
        "在上面选择，或者写 lab.predict({key!r}, 编号) 再运行这一格。",
    ),
    "lab.write": (
        "To choose, write lab.predict({key!r}, NUMBER) in a lesson that runs, and run the cell.",
        "要选择，请在能运行的课里写 lab.predict({key!r}, 编号)，再运行这一格。",
    ),
    "lab.recorded": ("Recorded: {n}. {choice}. Now run the next cell.", "已记录：{n}. {choice}。现在运行下一格。"),
    "lab.first": (
        "Predict first. Or ask for the answer: lab.reveal({key!r}, show=True)",
        "先猜一猜。想直接看答案：lab.reveal({key!r}, show=True)",
    ),
    "lab.show_me": ("Show me", "直接看答案"),
    "lab.right": ("You said: {said}. Right.", "你选的是 {said}：对。"),
    "lab.wrong": ("You said: {said}. The answer: {right}.", "你选的是 {said}，而正确的是 {right}。"),
    "lab.answer": ("The answer: {right}.", "答案是：{right}。"),
    "lab.members": ("Members of layer {n}'s tar, {like}", "第 {n} 层的 tar 里的成员，{like}"),
    "lab.digests": ("Bytes and the digests that they have", "字节和它们的摘要"),
    "lab.forms": ("Layer {n} of {name}, stored in three ways", "{name} 的第 {n} 层，用三种方式存储"),
    "lab.names": ("The three names of each layer of {name}", "{name} 每一层的三个名字"),
    "task.right": ("Right.", "对。"),
    "lab.no_question": ("there is no question {key!r}", "没有名为 {key!r} 的问题"),
    "lab.no_choice": (
        "{choice!r} is no choice of this question; write a number from 1 to {n}",
        "{choice!r} 不是这个问题的选项，请写 1 到 {n} 之间的编号",
    ),
    **UNION_STRINGS,
    **WAY_STRINGS,
    **BOOT_STRINGS,
    **TRANSFER_STRINGS,
    **WORLD_STRINGS,
    **COURSE_STRINGS,
    **REGISTRY_STRINGS,
    **INSTRUMENT_STRINGS,
    **EXERCISE_STRINGS,
    **DEDUP_STRINGS,
    **SHARING_STRINGS,
}


def t(key: str, lang: str, /, **fields: object) -> str:
    """Return the sentence of a key in a language, its fields filled in.

    Examples
    --------
    >>> t("look.layer", "en", n=2), t("look.layer", "zh", n=2)
    ('layer 2', '第 2 层')
    """
    return _FORMATTER.vformat(CATALOGUE[key][LANGUAGES.index(lang)], (), fields)


def sentences(lang: str, *parts: str) -> str:
    """Return parts as sentences, each with a full stop; empty ones are left out.

    Examples
    --------
    >>> sentences("en", "Two layers", "", "Is it so?"), sentences("zh", "共两层", "好。")
    ('Two layers. Is it so?', '共两层。好。')
    """
    stop, space = ("。", "") if lang == "zh" else (".", " ")
    return space.join(part if part[-1] in ".。?？!！" else part + stop for part in parts if part)


def says(name: str, words: str, lang: str) -> str:
    """Return what is said of something, behind its name and the language's colon.

    Examples
    --------
    >>> says("box", "runs", "en"), says("box", "运行", "zh")
    ('box: runs', 'box：运行')
    """
    return name + ("：" if lang == "zh" else ": ") + words


class _Plural(Formatter):
    """Fields as `str.format` has them, and ``{n:layer|layers}``: the one word for 1, the other for more."""

    def format_field(self, value: object, format_spec: str) -> str:
        one, bar, many = format_spec.partition("|")
        return str(super().format_field(value, format_spec)) if not bar else one if value == 1 else many


_FORMATTER = _Plural()


def lookup_words(found: Lookup, lang: str) -> str:
    """Return the trace of a lookup in one sentence: `Lookup.words`, in either language."""
    if lang == "en":
        return found.words
    asked = found.path if found.asked is None else found.asked.lstrip("/")
    links = [_step(step, found.path, lang) for step in found.trace if step.said is Said.SYMLINK]
    steps = _steps([step for step in found.trace if step.said is not Said.SYMLINK], found.path, lang)
    parts = [f"/{asked}：" + "，".join(links or steps)]
    if links and steps:
        parts.append(f"/{found.path}：" + "，".join(steps))
    if not found.found:
        end = errno_name(found.errno)
        if end in _LIMITS:
            end += "（" + t(_LIMITS[end], lang, links=MAX_SYMLINKS, name=NAME_MAX, path=PATH_MAX - 1) + "）"
    else:
        end = t("say.root", lang) if found.layer is None else t("say.from", lang, n=found.layer)
    return "；".join(parts).removesuffix("：") + f"：{end}"


_LIMITS = {"ELOOP": "say.loop", "ENAMETOOLONG": "say.too_long"}


def _steps(steps: list[Step], path: str, lang: str) -> list[str]:
    said: list[str] = []
    for kind, run in groupby(steps, key=lambda step: step.said):
        alike = list(run)
        if kind is Said.NOTHING and len(alike) > 1:
            said.append(t("say.nothing_run", lang, first=alike[0].layer, last=alike[-1].layer))
        else:
            said.extend(_step(step, path, lang) for step in alike)
    return said


def _step(step: Step, path: str, lang: str) -> str:
    on_ancestor = step.said is Said.WHITEOUT and step.at != path
    key = "say.whiteout_on" if on_ancestor else f"say.{step.said}"
    return t("say.layer", lang, n=step.layer) + t(key, lang, at=step.at, to=step.to)
