"""The sentences of the lessons on registries, in English and Chinese; `text.CATALOGUE` takes them in."""

from __future__ import annotations

REGISTRY_STRINGS: dict[str, tuple[str, str]] = {
    "attempts.denials": ("Each row tried: what docker push prints last", "逐行试过：docker push 最后打印了什么"),
    "attempts.decisions": (
        "Each row tried: what docker push prints last, to which address, with which daemon.json",
        "逐行试过：不同的地址、不同的 daemon.json，docker push 最后打印了什么",
    ),
    "attempts.created": ("created in the console", "在控制台里创建了"),
    "attempts.nothing": ("nothing", "什么都没有"),
    "attempts.both": ("namespace and repository", "命名空间和仓库"),
    "attempts.address": ("address in the name", "名字里的地址"),
    "attempts.speaks": ("the registry speaks", "仓库服务使用的协议"),
    "attempts.says": ("docker push prints", "docker push 打印"),
    "attempts.yes": ("yes", "是"),
    "attempts.no": ("no", "否"),
}
