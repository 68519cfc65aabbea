"""What a learner's mistake is met with, in Chinese.

    told(error, "zh")     the sentence of an error, and what to do about it

The model speaks English, and so do its errors. Those that a cell of a lesson can easily cause have their Chinese here,
as templates whose fields are carried over; any other is shown as it is.
"""

from __future__ import annotations

from functools import lru_cache

from ...errors import SimError
from .boot_model import Patterns, carried, patterns

WHAT = (
    ("no sample is called '{x}'", "没有名为 '{x}' 的样本"),
    ("{x}: no such file or folder", "{x}：没有这个文件或目录"),
    ("{x}: no image archive: neither a tar nor a folder", "{x}：不是镜像归档，既不是 tar，也不是目录"),
    ("{x}: no image archive: neither index.json (OCI layout) nor manifest.json (docker save) is in it",
     "{x}：不是镜像归档，里面既没有 index.json（OCI 布局），也没有 manifest.json（docker save）"),
    ("there is no place '{x}'", "没有名为 '{x}' 的起点"),
    ("there is no host '{x}'", "没有名为 '{x}' 的主机"),
    ("'{x}' is no operation of a mount", "挂载点没有 '{x}' 这个操作"),
    ("'{x}' is no docker command", "'{x}' 不是 docker 命令"),
    ("{x} is none of them", "没有 {x} 这个选项"),
    ("'{x}' cannot be a namespace", "'{x}' 不能用作命名空间"),
    ("{x} cannot be written: {y}", "{x} 无法写入：{y}"),
    ("{x} cannot be read: {y}", "{x} 无法读取：{y}"),
)
HINTS = (
    ("there are {x}", "有 {x}"),
    ("make one with `docker save` or `skopeo copy`", "可以用 `docker save` 或 `skopeo copy` 制作"),
    ("is the registry running there?", "那里的镜像仓库服务在运行吗？"),
    ("places: {x}", "有 {x}"),
    ("hosts: {x}", "有 {x}"),
    ("one of {x}", "可以用 {x}"),
    ("choose one of {x}", "可以选 {x}"),
    ('write it as in a terminal: "{x}"', '要像在终端里那样写，例如 "{x}"'),
    ("take 2 to 30 lower-case letters, digits or dashes", "请用 2 到 30 个小写字母、数字或短横"),
    ("set SIM_HOME to a folder of yours", "请把 SIM_HOME 设为你自己的一个目录"),
)


def told(error: BaseException, lang: str) -> str:
    """Return what an error says, in a language.

    Examples
    --------
    >>> told(SimError("there is no host 'mars'", hint="hosts: cyo57"), "zh")
    "没有名为 'mars' 的主机；有 cyo57"
    """
    if lang == "en" or not isinstance(error, SimError):
        return str(error)
    hint = error.hint or ""
    what = str(error).removesuffix(f"; {hint}") if hint else str(error)
    said = [carried(what, _what())] + ([carried(hint, _hints())] if hint else [])
    return "；".join(said)


@lru_cache
def _what() -> Patterns:
    return patterns(WHAT)


@lru_cache
def _hints() -> Patterns:
    return patterns(HINTS)
