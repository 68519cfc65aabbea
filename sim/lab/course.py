"""What the course consists of: the lessons' files, and their sections, in the order in which they are taught."""

from __future__ import annotations

from dataclasses import dataclass

from .questions.question import Both
from .text import LANGUAGES

LESSONS: dict[str, str] = {
    "00": "00_tour.ipynb", "01": "01_pull_and_layers.ipynb", "02": "02_union_lookup.ipynb", "03": "03_containers.ipynb",
    "04": "04_bootfs_and_rootfs.ipynb", "05": "05_commit_build_history.ipynb", "06": "06_names_and_ids.ipynb",
    "07": "07_cloud_registry.ipynb", "08": "08_private_registry.ipynb", "09": "09_transfers.ipynb",
    "10": "10_deduplication.ipynb", "11": "11_your_own_image.ipynb", "12": "12_challenges.ipynb",
    "A": "appendix_performance.ipynb",
}
"""The file of each lesson, by its number; ``A`` is the appendix. The Chinese edition has the same names."""


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a lesson.

    Attributes
    ----------
    number : str
        The lesson's, a point, and its place there from 1: ``"01.3"``.
    cell : str
        The id of the cell that its heading stands in.
    title : (str, str)
        English and Chinese, as the heading has it behind the number.
    """

    number: str
    cell: str
    title: Both

    @property
    def lesson(self) -> str:
        """The number of its lesson."""
        return self.number.partition(".")[0]

    @property
    def link(self) -> str:
        """Its address beside another notebook; a reader that does not know ``cell-id`` opens the lesson's top."""
        return f"{LESSONS[self.lesson]}#cell-id={self.cell}"

    def named(self, lang: str) -> str:
        """Return its number and title."""
        return f"{self.number} {self.title[LANGUAGES.index(lang)].replace('`', '')}"


_SECTIONS: dict[str, tuple[str, str, str]] = {
    "00.1": ("tour-stack", "The layers", "各层"),
    "00.2": ("tour-tree", "The merged view", "合并视图"),
    "00.3": ("tour-why", "Why does this file come from there?", "这个文件为什么来自那一层？"),
    "00.4": ("tour-move", "Move it yourself", "自己动手"),
    "01.1": ("pull-digest", "A digest is a name computed from the bytes", "摘要是由字节算出来的名字"),
    "01.2": ("pull-tar", "A layer is a tar archive of changes", "层是记录改动的 tar 归档"),
    "01.3": ("pull-names", "Three names for one layer", "一层有三个名字"),
    "01.4": ("pull-sizes", "Three sizes for one layer", "一层有三种大小"),
    "01.5": ("pull-share", "Equal layers are stored and fetched once", "相同的层只存一份、只下载一次"),
    "02.1": ("look-down", "The first thing that the eye meets", "视线最先碰到的东西"),
    "02.2": ("look-merge", "Directories merge", "目录会合并"),
    "02.3": ("look-opaque", "What stops a merge", "什么会结束合并"),
    "02.4": ("look-notes", "What some notes say, and what is true", "笔记怎么说，事实又如何"),
    "02.5": ("look-practice", "Your turn", "轮到你了"),
    "03.1": ("box-write", "A write copies up", "写入时向上复制"),
    "03.2": ("box-delete", "A delete frees nothing", "删除并不腾出空间"),
    "03.3": ("box-move", "Two surprises: a rename, and an open file", "两个意外：改名，以及打开着的文件"),
    "03.4": ("box-life", "A container's life", "容器的一生"),
    "03.5": ("box-diff", "What `docker diff` prints", "`docker diff` 打印什么"),
    "04.1": ("boot-parts", "What is in an image?", "镜像里有什么？"),
    "04.2": ("boot-story", "A machine boots", "机器的启动"),
    "04.3": ("boot-start", "A container starts", "容器的启动"),
    "04.4": ("boot-many", "Many distributions, one kernel", "发行版很多，内核只有一个"),
    "04.5": ("boot-practice", "Your turn", "轮到你了"),
    "05.1": ("commit-notes", "A container becomes an image", "容器变成镜像"),
    "05.2": ("commit-weight", "What the layer weighs", "这一层有多大"),
    "05.3": ("commit-history", "What an image knows of its past", "镜像知道多少自己的来历"),
    "05.4": ("commit-build", "docker build", "docker build"),
    "05.5": ("commit-volume", "What is in no commit", "提交里没有什么"),
    "06.1": ("names-tag", "A tag is a name", "标签就是名字"),
    "06.2": ("names-id", "ID and digest", "ID 与摘要"),
    "06.3": ("names-move", "A name moves", "名字会移动"),
    "06.4": ("names-rmi", "rmi takes names away", "rmi 去掉的是名字"),
    "06.5": ("names-sum", "Sizes, save and export", "大小，以及 save 和 export"),
    "07.1": ("cloud-name", "The name says where", "去哪里由名字决定"),
    "07.2": ("cloud-console", "Account, namespace, repository, login", "账号、命名空间、仓库、登录"),
    "07.3": ("cloud-stored", "What a login leaves behind", "登录留下了什么"),
    "07.4": ("cloud-push", "What a push sends", "推送传输什么"),
    "07.5": ("cloud-pull", "Another host pulls", "在另一台主机上拉取"),
    "08.1": ("private-run", "A registry is a container", "仓库服务就是一个容器"),
    "08.2": ("private-push", "HTTP, and a client that wants HTTPS", "仓库服务说 HTTP，客户端要 HTTPS"),
    "08.3": ("private-restart", "reload or restart", "reload 还是 restart"),
    "08.4": ("private-mirror", "A mirror is something else", "镜像站是另一回事"),
    "08.5": ("private-data", "Where the data lies", "数据在哪里"),
    "09.1": ("move-time", "A pull in time", "一次拉取的时间"),
    "09.2": ("move-plan", "A push is a plan", "推送就是一份计划"),
    "09.3": ("move-wire", "What is said on the wire", "线路上说了什么"),
    "09.4": ("move-speed", "Bandwidth and latency", "带宽与延迟"),
    "09.5": ("move-delete", "The first byte, and the last", "第一个字节与最后一个字节"),
    "10.1": ("twice-hidden", "Every byte that is stored", "存储的每一个字节"),
    "10.2": ("twice-share", "Two images side by side", "两个镜像并排看"),
    "10.3": ("twice-cut", "Where to cut", "在哪里切"),
    "10.4": ("twice-many", "Many images, many requests", "许多镜像，许多请求"),
    "10.5": ("twice-chmod", "The price of chmod -R", "chmod -R 的代价"),
    "11.1": ("own-stack", "What is in it", "镜像里有什么"),
    "11.2": ("own-why", "Where a path comes from", "一个路径来自哪一层"),
    "11.3": ("own-config", "What no layer holds", "不在任何一层里的东西"),
    "11.4": ("own-waste", "What is wasted", "浪费了什么"),
    "11.5": ("own-smaller", "Make it smaller", "让它变小"),
    "12.1": ("goal-small", "Smaller, and without the key", "更小，不带密钥"),
    "12.2": ("goal-stays", "What stays", "什么会留下"),
    "12.3": ("goal-names", "Names and archives", "名字与归档"),
    "12.4": ("goal-registry", "Registries", "镜像仓库服务"),
    "12.5": ("goal-drill", "Drill", "反复练习"),
    "A.1": ("perf-plain", "The definition asks every layer", "按定义，每一层都要问"),
    "A.2": ("perf-index", "The index asks none", "索引一层也不问"),
    "A.3": ("perf-curve", "The measured curve", "实测的曲线"),
    "A.4": ("perf-once", "One pass for all questions", "一遍回答所有问题"),
}

SECTIONS: dict[str, Section] = {
    number: Section(number, cell, (english, chinese)) for number, (cell, english, chinese) in _SECTIONS.items()
}
"""By number."""
