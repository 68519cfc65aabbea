"""The commands of a small system, by theme; each is a function `(Process) -> exit code` in a table of names.

    listing.py stating.py        ls, stat, find, du, df, mount ...
    changing.py copying.py       touch mkdir rm ln chmod chown ..., cp mv
    texts.py patterns.py         cat head tail wc sort ..., grep sed
    system.py packages.py        env id uname date ps ..., apt-get dpkg apk
    catalogue.py                 what the packages hold

Errors are in the words of the real tools: GNU coreutils 9.1, findutils, grep, sed of Debian 12, and BusyBox 1.35.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from ..sh.process import CommandFunction


@lru_cache(maxsize=1)
def table() -> Mapping[str, CommandFunction]:
    """Return all commands by name."""
    from .changing import CHANGING
    from .copying import COPYING
    from .listing import LISTING
    from .packages import PACKAGES
    from .patterns import GREP
    from .sed import SED
    from .stating import STATING
    from .system import SYSTEM
    from .texts import TEXTS

    return MappingProxyType({
        **PACKAGES, **LISTING, **STATING, **CHANGING, **COPYING, **TEXTS, **GREP, **SED, **SYSTEM,
    })
