"""Ways in which a shell's commands leave before their end."""

from __future__ import annotations


class Exit(Exception):
    """`exit`: the shell ends."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code & 255


class Return(Exception):
    """`return`: the function ends."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code & 255


class Break(Exception):
    """`break`: so many loops end."""

    def __init__(self, levels: int) -> None:
        super().__init__(levels)
        self.levels = levels


class Continue(Exception):
    """`continue`: so many loops go on with their next round."""

    def __init__(self, levels: int) -> None:
        super().__init__(levels)
        self.levels = levels
