"""The questions of the lessons: what is asked, what can be answered, and what each answer shows.

A wrong choice is a known misconception; `why` says what is true instead, so that nobody is only told "wrong". The
right choice of each question is held against the model by a test.
"""

from __future__ import annotations

from dataclasses import dataclass

from .text import LANGUAGES

Both = tuple[str, str]
"""English and Chinese."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer, and what is said to whoever gave it."""

    text: Both
    why: Both


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its choices; `right` counts from 1."""

    ask: Both
    choices: tuple[Choice, ...]
    right: int

    def asked(self, lang: str) -> str:
        """Return the question in a language."""
        return self.ask[LANGUAGES.index(lang)]

    def options(self, lang: str) -> list[str]:
        """Return the choices in a language."""
        return [choice.text[LANGUAGES.index(lang)] for choice in self.choices]

    def why(self, choice: int, lang: str) -> str:
        """Return what is said about a choice, from 1."""
        return self.choices[choice - 1].why[LANGUAGES.index(lang)]


def _choice(en: str, zh: str, why_en: str, why_zh: str) -> Choice:
    return Choice((en, zh), (why_en, why_zh))


QUESTIONS: dict[str, Question] = {
    "00.passwd": Question(
        ("Layer 2 was made by installing vim. Which layer supplies /etc/passwd?",
         "第 2 层是安装 vim 时产生的。/etc/passwd 由哪一层提供？"),
        (
            _choice("Layer 1", "第 1 层",
                    "Layer 2 says nothing of the path, so the eye goes on to layer 1.",
                    "第 2 层没有提到这个路径，所以视线继续落到第 1 层。"),
            _choice("Layer 2: it is the topmost", "第 2 层：它在最上面",
                    "Being on top is not enough: a layer holds only what its step changed.",
                    "只在最上面还不够：一层只存放那一步改动过的内容。"),
            _choice("Both: each has a copy", "两层都有：各存一份",
                    "A layer is no copy of the whole: unchanged files stay in the layer that has them.",
                    "一层并不是整体的副本：没有改动的文件仍留在原来的那一层。"),
        ),
        1,
    ),
    "01.one-byte": Question(
        ("One letter of a file changes. How much of its digest changes?",
         "文件里改动一个字母，它的摘要会变多少？"),
        (
            _choice("One digit", "变一位",
                    "A digest is no sum: neighbours in content are not neighbours in name.",
                    "摘要不是求和：内容相近，名字并不相近。"),
            _choice("Nothing: the file has the same name", "不变：文件名没有变",
                    "A digest is computed from the bytes; what the file is called plays no part.",
                    "摘要由字节算出，与文件叫什么无关。"),
            _choice("About all of it", "几乎全部都变",
                    "Each digit depends on every byte, so equal digests mean equal bytes.",
                    "每一位都取决于所有字节，所以摘要相同就意味着字节相同。"),
        ),
        3,
    ),
    "01.recompress": Question(
        ("The same layer is stored once with gzip and once as a plain tar. Which of its names differ?",
         "同一层，一次用 gzip 存，一次存成未压缩的 tar。它的哪些名字会不同？"),
        (
            _choice("The layer digest alone", "只有层摘要（layer digest）",
                    "It names the blob as it is stored. DiffID and ChainID are computed from the unpacked tar.",
                    "它命名的是存储的 blob；DiffID 和 ChainID 由解压后的 tar 算出。"),
            _choice("The DiffID alone", "只有 DiffID",
                    "It is the other way round: the DiffID names the unpacked tar, which is the same.",
                    "正好相反：DiffID 命名解压后的 tar，而 tar 没有变。"),
            _choice("All of them", "全部都不同",
                    "The content is the same, and two of the three names are computed from the content.",
                    "内容没有变，而三个名字中有两个是由内容算出的。"),
        ),
        1,
    ),
    "01.second-pull": Question(
        ("ubuntu is here already. How much does a pull of ubuntu-vim download?",
         "本地已有 ubuntu。再拉取 ubuntu-vim，需要下载多少？"),
        (
            _choice("Everything: it is another image", "全部：它是另一个镜像",
                    "Images are lists of layers, and a layer whose digest is here is not fetched again.",
                    "镜像只是层的清单；本地已有相同摘要的层不会再下载。"),
            _choice("The layer that is not here", "只下载本地没有的那一层",
                    "The base has the same digest in both, so it is skipped: Already exists.",
                    "两者的基础层摘要相同，所以跳过：Already exists。"),
            _choice("Only the files that differ", "只下载不同的文件",
                    "The unit of a transfer is the layer: one changed byte makes it another blob.",
                    "传输的单位是层：改动一个字节，它就成了另一个 blob。"),
        ),
        2,
    ),
}

RECALL: dict[str, tuple[tuple[Both, Both], ...]] = {
    "01": (
        (("Two layers hold the same path. Which one does the merged view show?",
          "两层都有同一个路径，合并视图显示哪一个？"),
         ("The upper one; the lower one is hidden, and still stored.", "上面那一层的；下面的被遮住，但仍然存着。")),
        (("What does a layer hold: the whole file system, or something less?",
          "一层里存放的是整个文件系统，还是更少的东西？"),
         ("What one step added, changed or deleted.", "某一步增加、修改或删除的内容。")),
        (("What does a whiteout do?", "whiteout 有什么作用？"),
         ("It hides a path of the layers below; the search for it ends there.",
          "它遮住下面各层的某个路径，查找到此结束。")),
    ),
}
"""Questions from earlier lessons with which a lesson opens, and their answers."""
