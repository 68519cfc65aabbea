"""``--change`` of commit and import: Dockerfile instructions that alter what an image runs."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence
from dataclasses import replace

from ..image.config import RunConfig
from .job import Fail, refused

_ALLOWED = {"CMD", "ENTRYPOINT", "ENV", "EXPOSE", "LABEL", "ONBUILD", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"}
_VARIABLE = re.compile(r"\\(.)|\$(?:(\w+)|\{(\w+)(?::([-+])([^}]*))?\})", re.DOTALL)


def changed(config: RunConfig, lines: Sequence[str]) -> RunConfig:
    """Apply instructions to a config; `Fail` in docker's words for one that may not be there.

    Examples
    --------
    >>> after = changed(RunConfig(), ['CMD ["x"]', "ENV A=1 B='two words'", "EXPOSE 99"])
    >>> after.cmd, after.env, after.exposed_ports
    (('x',), ('A=1', 'B=two words'), ('99/tcp',))
    """
    for line in lines:
        word, _, rest = line.strip().partition(" ")
        if word.upper() not in _ALLOWED:
            raise refused(f"{word.lower()} is not a valid change command")
        config = instruction(config, word.upper(), rest.strip())
    return config


def instruction(config: RunConfig, word: str, rest: str) -> RunConfig:
    """Apply one instruction that makes no layer."""
    match word:
        case "CMD":
            return replace(config, cmd=command(rest))
        case "ENTRYPOINT":
            return replace(config, entrypoint=command(rest))
        case "ENV":
            return replace(config, env=merged(config.env, pairs(rest, "ENV")))
        case "LABEL":
            labels = {**config.labels, **dict(text.split("=", 1) for text in pairs(rest, "LABEL"))}
            return replace(config, labels=labels)
        case "EXPOSE":
            ports = {text if "/" in text else f"{text}/tcp" for text in rest.split()}
            return replace(config, exposed_ports=tuple(sorted({*config.exposed_ports, *ports})))
        case "VOLUME":
            return replace(config, volumes=tuple(sorted({*config.volumes, *paths(rest)})))
        case "USER":
            return replace(config, user=rest)
        case "STOPSIGNAL":
            return replace(config, stop_signal=rest)
        case "WORKDIR":
            return replace(config, working_dir=joined(config.working_dir, rest))
        case _:
            return config


def command(text: str) -> tuple[str, ...]:
    """Return an instruction's command: a JSON list as it is, anything else for a shell.

    Examples
    --------
    >>> command('["a", "b"]'), command("echo hi")
    (('a', 'b'), ('/bin/sh', '-c', 'echo hi'))
    """
    found = json_list(text)
    return found if found is not None else (("/bin/sh", "-c", text) if text else ())


def json_list(text: str) -> tuple[str, ...] | None:
    """Return a JSON list of texts, None for anything else: docker then takes it for shell words."""
    try:
        found = json.loads(text) if text.startswith("[") else None
    except ValueError:
        return None
    return tuple(found) if isinstance(found, list) and all(isinstance(one, str) for one in found) else None


def paths(text: str) -> tuple[str, ...]:
    """Return the operands of VOLUME."""
    return json_list(text) or tuple(text.split())


def words(text: str) -> list[str]:
    """Split shell words; `Fail` where a quote is open."""
    try:
        return shlex.split(text)
    except ValueError as error:
        raise Fail(f"Syntax error - can't find = or a closing quote in {text[:60]!r}: {error}\n") from None


def pairs(text: str, word: str) -> list[str]:
    """Return NAME=VALUE of ENV and LABEL, both forms: ``A=1 B=2`` and ``A 1``."""
    found = words(text)
    if found and "=" not in found[0]:
        name, _, value = text.partition(" ")
        if not value.strip():
            raise refused(f"{word} must have two arguments")
        return [f"{name}={value.strip()}"]
    for one in found:
        if "=" not in one:
            raise refused(f"Syntax error - can't find = in \"{one}\". Must be of the form: name=value")
    return found


def merged(base: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    """Return variables with some set anew, in their places.

    Examples
    --------
    >>> merged(("A=1", "B=2"), ["A=3", "C=4"])
    ('A=3', 'B=2', 'C=4')
    """
    found = {line.partition("=")[0]: line for line in base}
    found.update({line.partition("=")[0]: line for line in more})
    return tuple(found.values())


def joined(base: str, path: str) -> str:
    """Return a path as WORKDIR reads it: relative to the one before, ``..`` taken out.

    Examples
    --------
    >>> joined("/app", "src"), joined("", "x"), joined("/a", "/b/../c")
    ('/app/src', '/x', '/c')
    """
    whole = path if path.startswith("/") else f"{base}/{path}"
    kept: list[str] = []
    for part in whole.split("/"):
        if part == "..":
            del kept[-1:]
        elif part not in ("", "."):
            kept.append(part)
    return "/" + "/".join(kept)


def expanded(text: str, variables: dict[str, str]) -> str:
    """Put variables into a text: ``$A``, ``${A}``, ``${A:-x}``, ``${A:+x}``; a backslash keeps a dollar.

    Examples
    --------
    >>> expanded("$A-${B:-none}-${A:+set}-\\\\$A", {"A": "1"})
    '1-none-set-$A'
    """
    def one(match: re.Match[str]) -> str:
        if match[1] is not None:
            return match[1] if match[1] == "$" else match[0]
        value = variables.get(match[2] or match[3], "")
        if match[4] == "-":
            return value or match[5]
        if match[4] == "+":
            return match[5] if value else ""
        return value

    return _VARIABLE.sub(one, text)
