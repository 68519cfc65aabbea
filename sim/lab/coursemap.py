"""The map of the course: where each point of the notes is shown, and where each misconception is put right.

    lab.map()           the lessons' sections, the rows of the notes, the misconceptions; each with links
    lab.mistake(29)     a misconception: what is believed, a script that shows otherwise, what is true

A place is a section and its witness, words that stand in one of the section's cells: the name of a question, a
command, a sentence. A test looks for them, so that the map names no section that has moved on to something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby

from ..content.printable import shown as printable
from ..errors import BadInput
from .course import LESSONS, SECTIONS, Section
from .prompts import Words
from .questions.question import Both
from .svg import Table
from .text import LANGUAGES, t
from .texts.misconceptions import MISCONCEPTIONS, told

Place = tuple[str, str]
"""A section, and its witness."""

NOTES: dict[int, tuple[Both, tuple[Place, ...]]] = {
    1: (("A pull fetches an image layer by layer.",
          "在 docker pull 的过程中，镜像会一层一层下载。"),
         (("01.5", "01.second-pull"), ("09.1", "09.first"))),
    2: (("UnionFS stacks file systems into one; images inherit by layers.",
          "UnionFS 把多个文件系统叠加成一个；镜像通过分层继承。"),
         (("02.1", "lab.step(stack"), ("01.5", "lab.family("))),
    3: (("bootfs is loaded first, rootfs lies above it; a rootfs is a distribution.",
          "bootfs 先加载，rootfs 在它之上；rootfs 就是各种发行版。"),
         (("04.2", "lab.boot_story("), ("04.4", "lab.fleet("))),
    4: (("docker commit makes a new image of a container.",
          "docker commit 把容器提交为新镜像。"),
         (("05.1", 'docker commit -m "Vim Ubuntu" -a="cyo57" 72613e8ac37a ubuntu-cyo57:1.0'),)),
    5: (("Image layers are read-only; a container's layer is writable.",
          "镜像层只读，容器层可写。"),
         (("03.1", "**writable layer**"),)),
    6: (("Publishing to Alibaba Cloud: login, tag, push.",
          "发布到阿里云：login、tag、push。"),
         (("07.2", "docker login --username="), ("07.1", "docker tag [ImageId]"), ("07.4", "docker push registry"))),
    7: (("Downloading the image from Alibaba Cloud.", "从阿里云下载镜像。"), (("07.5", "07.pull"),)),
    8: (("A private registry: docker run -p 5000:5000 -v … registry.",
          "私有库：docker run -p 5000:5000 -v … registry。"),
         (("08.1", "docker run -d -p 5000:5000 -v /cyo57/myregistry/:/tmp/registry"), ("08.5", "08.data"))),
    9: (("curl XGET …/v2/_catalog lists what the registry holds.",
          "curl XGET …/v2/_catalog 查看私有库里有什么。"),
         (("08.1", "curl XGET"),)),
    10: (("docker tag: one IMAGE ID in two rows, “like a clone”.",
          "docker tag 之后两行同一个 IMAGE ID，“相当于克隆了一份”。"),
         (("06.1", "06.clone"), ("08.2", "docker tag cyo_ubuntu:1.0"))),
    11: (("insecure-registries in daemon.json, so that the client accepts HTTP.",
          "在 daemon.json 里写 insecure-registries，使客户端接受 HTTP。"),
         (("08.2", "insecure-registries"),)),
    12: (("UnionFS stacks the container's root on the host's.",
          "UnionFS 将容器的根文件系统与主机的根文件系统叠加在一起。"),
         (("02.4", "02.host"),)),
    13: (("An image is made of UnionFS file systems.",
          "镜像由一层一层 UnionFS 文件系统构成。"),
         (("01.2", "Some notes say"), ("02.4", "It is made of tars"))),
    14: (("rootfs holds /dev and /proc.", "rootfs 包含 /dev、/proc。"), (("04.3", "lab.made("), ("04.1", "04.parts"))),
    15: (("--privileged=true for the registry.",
          "运行私有库时加 --privileged=true。"),
         (("08.1", "What `--privileged` would give away"),)),
    16: (("Personal instance, namespace, repository: clicks in the cloud's console.",
          "个人实例、选择命名空间、创建镜像仓库：在云控制台里点击。"),
         (("07.2", "lab.cloud.create_namespace"),)),
    17: (("Editing daemon.json: docker reads it again at a reload or restart.",
          "修改 daemon.json 之后要让 docker 重新读取。"),
         (("08.2", "systemctl reload docker"), ("08.3", "systemctl restart docker"))),
}
"""The points of the notes: what they say, and where it is shown."""

MISTAKES: dict[int, tuple[Place, ...]] = {
    1: (("05.2", "05.rm"), ("11.4", "11.hidden")), 2: (("03.1", "03.chmod"), ("10.5", "10.chmod")),
    3: (("08.2", "08.where"), ("12.4", 'lab.goal("private")')),
    4: (("05.5", "05.volume"), ("12.2", 'lab.goal("backup")')),
    5: (("06.3", "`latest`"), ("12.3", 'lab.goal("latest")')), 6: (("07.1", "07.where"), ("07.2", "07.denied")),
    7: (("04.1", "04.parts"),), 8: (("05.3", "05.missing"),), 9: (("06.3", "06.moved"),),
    10: (("06.2", "06.digest"),), 11: (("06.4", "06.rmi"),), 12: (("06.5", "06.sizes"),),
    13: (("01.4", "`docker images`"), ("09.1", "sizes are those of the compressed")), 14: (("05.4", "05.layers"),),
    15: (("03.4", "03.life"), ("12.2", 'lab.goal("resume")')),
    16: (("08.1", "it hides what the image has there"), ("12.2", 'lab.goal("both")')),
    17: (("05.4", "below a `VOLUME`"),), 18: (("03.1", "*whole* file"), ("05.2", "05.rm")),
    19: (("05.5", "05.key"), ("12.1", 'lab.goal("secret")')), 20: (("08.5", "08.delete"), ("09.5", "09.delete")),
    21: (("07.4", "07.mount"), ("09.2", "09.mount")),
    22: (("06.5", "docker export"), ("12.3", 'lab.goal("archive")')), 23: (("08.1", "`_catalog` is an addition"),),
    24: (("06.2", "06.twice"),), 25: (("05.4", "max depth exceeded"),), 26: (("03.3", "03.rename"),),
    27: (("03.2", "comes back"),), 28: (("03.3", "03.mmap"),), 29: (("06.1", "06.clone"),),
    30: (("04.2", "04.unloaded"),), 31: (("02.4", "02.host"),),
    32: (("01.2", "Some notes say"), ("02.4", "It is made of tars")), 33: (("04.3", "lab.made("),),
    34: (("08.1", "08.needs"),),
}
"""The misconceptions by number, and where each is put right."""


class Course:
    """The part of `Lab` that knows the course."""

    lang: str

    def map(self) -> Words:
        """Show the lessons' sections, and where the notes' points and the misconceptions are treated."""
        tables = list(_tables(self.lang))
        return Words("".join(html for html, _ in tables), "\n\n".join(plain for _, plain in tables))

    def mistake(self, number: int) -> Words:
        """Show a misconception: what is believed, what docker prints in a fresh world, and what is true.

        Parameters
        ----------
        number : int
            As in the map, from 1.
        """
        if number not in MISCONCEPTIONS:
            raise BadInput(t("map.none", self.lang, number=number, last=len(MISCONCEPTIONS)))
        claim, screen = f"{number}. {told(number, self.lang).claim}", _screen(number)
        truth = t("map.true", self.lang, truth=told(number, self.lang).truth)
        html = f"<p><b>{escape(claim)}</b></p><pre>{escape(screen)}</pre><p>{escape(truth)}</p>"
        return Words(html, f"{claim}\n\n{screen}\n{truth}")


def _screen(number: int) -> str:
    """Return what terminals show of a misconception's script."""
    from ..engine.misconceptions import MISCONCEPTIONS as SCRIPTS
    from ..engine.misconceptions import shown

    said = ""
    for line, outcome in zip(SCRIPTS[number].lines, shown(number).outcomes, strict=True):
        lines = [f"[root@{line.host} ~]# {line.command}", *outcome.text.splitlines()]
        said += "".join("\t".join(map(printable, one.split("\t"))) + "\n" for one in lines)
    return said


def _tables(lang: str) -> Iterator[tuple[str, str]]:
    at = LANGUAGES.index(lang)
    lessons = groupby(SECTIONS.values(), key=lambda section: section.lesson)
    yield _table(t("map.lessons", lang), (t("column.lesson", lang), t("column.section", lang)),
                 ((lesson, "", list(sections)) for lesson, sections in lessons), lang)
    yield _table(t("map.notes", lang), (t("column.number", lang), t("map.point", lang), t("column.section", lang)),
                 ((str(n), said[at], _at(places)) for n, (said, places) in NOTES.items()), lang)
    yield _table(t("map.mistakes", lang), (t("column.number", lang), t("map.mistake", lang), t("column.section", lang)),
                 ((str(n), told(n, lang).claim, _at(places)) for n, places in MISTAKES.items()), lang)


def _at(places: Iterable[Place]) -> list[Section]:
    return [SECTIONS[section] for section, _ in places]


def _table(
    caption: str, head: tuple[str, ...], rows: Iterable[tuple[str, str, list[Section]]], lang: str
) -> tuple[str, str]:
    """Return a table as HTML with links, and as plain text."""
    html, plain = [], []
    for number, words, sections in rows:
        first = f'<a href="{LESSONS[number]}">{number}</a>' if number in LESSONS and not words else escape(number)
        links = "<br>".join(f'<a href="{one.link}">{escape(one.named(lang))}</a>' for one in sections)
        html.append([first, *([escape(words)] if words else []), links])
        named = ("；" if lang == "zh" else "; ").join(one.named(lang) for one in sections)
        plain.append((number, *([words] if words else []), named))
    table = Table(caption, head, tuple(plain))
    return _html(table, html), f"{table.caption}\n\n{table.plain()}"


def _html(table: Table, rows: list[list[str]]) -> str:
    cell = '<td style="text-align:left;vertical-align:top">'
    head = "".join(f'<th scope="col" style="text-align:left">{escape(name)}</th>' for name in table.head)
    body = "".join("<tr>" + "".join(f"{cell}{one}</td>" for one in row) + "</tr>" for row in rows)
    caption = f'<caption style="text-align:left">{escape(table.caption)}</caption>'
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
