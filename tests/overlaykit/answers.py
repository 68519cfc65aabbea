"""Whether two answers to one operation, or two trees, are the same."""

from __future__ import annotations

from typing import Any


class Inodes:
    """Inode numbers as such belong to the disk; that equal ones are equal on both sides, and stay so, does not."""

    def __init__(self, skip: bool) -> None:
        self.skip = skip
        self.there: dict[int, int] = {}
        self.here: dict[int, int] = {}

    def agree(self, model: int, kernel: int) -> bool:
        if self.skip:
            return True
        return self.there.setdefault(model, kernel) == kernel and self.here.setdefault(kernel, model) == model


def differ(model: Any, kernel: Any, inodes: Inodes) -> str | None:
    """Tell how two results of one operation, or two trees, differ."""
    if isinstance(model, dict) and isinstance(kernel, dict):
        if "ino" in model and "ino" in kernel:
            if not inodes.agree(model["ino"], kernel["ino"]):
                return f"inode: model {model['ino']} kernel {kernel['ino']}"
        for key in sorted({*model, *kernel}):
            if key == "ino":
                continue
            found = differ(model.get(key), kernel.get(key), inodes)
            if found:
                return f"{key}: {found}"
        return None
    return None if model == kernel else f"model {model!r} kernel {kernel!r}"


def same_result(model: list[Any], kernel: list[Any], name: str, inodes: Inodes) -> str | None:
    """Compare two results of an operation."""
    if kernel[0] == "special":
        return None
    if model[0] != kernel[0]:
        return f"errno: model {model[0]} kernel {kernel[0]}"
    if name == "readdir" and model[0] == "ok":
        left = list(kernel[1])
        for group in model[1]:
            taken, left = left[: len(group)], left[len(group) :]
            if sorted(taken) != group:
                return f"order: model {model[1]} kernel {kernel[1]}"
        return f"names: kernel has {left} more" if left else None
    return differ(model[1], kernel[1], inodes)
