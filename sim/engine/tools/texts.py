"""Commands that read texts: cat, head, tail, wc, sort, uniq, cut, tr, tee and their like. Lines are bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...content.printable import shown
from ...errors import FsError
from ...fs.entry import Kind
from ..sh.flags import Usage, number, options
from ..sh.process import MAX_OUTPUT, Forever, Process, reason


def inputs(p: Process, paths: list[str], verb: str = "", busybox: str = "") -> Iterator[tuple[str, bytes | None]]:
    """Yield (path, bytes) of each file, None after a complaint; without a path, or for ``-``, standard input.

    Parameters
    ----------
    verb, busybox : str
        What stands before the path in the two complaints, such as ``cannot open``.
    """
    for path in paths or ["-"]:
        if path == "-":
            yield path, p.input()
            continue
        try:
            if p.files.stat(p.at(path)).kind is Kind.DIRECTORY:
                raise FsError(21, path)
            yield path, p.files.read(p.at(path))
        except FsError as error:
            before = (verb if p.gnu else busybox).format(path)
            p.err(f"{before or path}: {reason(error)}")
            yield path, None


def cat(p: Process) -> int:
    """`cat [-nAbsET] [FILE…]`."""
    found = options(p, "nAbsETve", ("number|n", "show-all|A"))
    status = count = 0
    for _, data in inputs(p, found.operands, "", "can't open '{}'"):
        if data is None:
            status = 1
            continue
        if not found.given:
            p.out(data)
            continue
        for line in data.splitlines(keepends=True):
            ends = line.endswith(b"\n")
            text = line.rstrip(b"\n")
            if found.any("n") or ("b" in found and text):
                count += 1
                p.out(f"{count:6}\t")
            if found.any("A", "T"):
                text = text.replace(b"\t", b"^I")
            p.out(text + (b"$" if found.any("A", "E", "e") and ends else b"") + (b"\n" if ends else b""))
    return status


def _count(p: Process, found_value: str, default: int) -> tuple[str, int]:
    sign = found_value[0] if found_value[:1] in ("+", "-") else ""
    return sign, number(found_value[len(sign):], "invalid number of lines") if found_value else default


def _old_style(p: Process) -> None:
    """Turn ``head -5`` into ``head -n 5``."""
    p.args = [word for arg in p.args for word in (("-n", arg[1:]) if re.fullmatch(r"-\d+", arg) else (arg,))]


_MAX_ENDLESS = MAX_OUTPUT
"""What head takes from an endless device at most: more does not go through a stream."""


def head(p: Process) -> int:
    """`head [-n N] [-c N] [FILE…]`."""
    _old_style(p)
    found = options(p, "n:c:qv", ("lines=|n", "bytes=|c"))
    sign, count = _count(p, found.value("c") or found.value("n"), 10)
    status = 0
    for number_, (path, data) in enumerate(_some(p, found.operands, count if "c" in found else None)):
        if data is None:
            status = 1
            continue
        if len(found.operands) > 1 and "q" not in found:
            p.out(("\n" if number_ else "") + f"==> {path} <==\n")
        if "c" in found:
            p.out(data[:-count] if sign == "-" and count else data[:count])
        else:
            lines = data.splitlines(keepends=True)
            p.out(b"".join(lines[:-count] if sign == "-" and count else lines[:count]))
    return status


def _some(p: Process, paths: list[str], size: int | None) -> Iterator[tuple[str, bytes | None]]:
    """Read files, of an endless device as many bytes as are wanted (zeros: the simulator draws no lots)."""
    for path in paths or ["-"]:
        there = None if path == "-" else p.files.find(p.at(path))
        if size is not None and there is not None and there.rdev in ((1, 5), (1, 8), (1, 9)):
            if size > _MAX_ENDLESS:
                raise Usage(f"more than {_MAX_ENDLESS >> 20} MiB of {path} are not simulated: "
                            f"use dd if={path} of=FILE bs=1M count=N")
            yield path, bytes(size)
        elif path == "-":
            yield path, p.input(whole=False)
        else:
            yield from inputs(p, [path], "cannot open '{}' for reading")


def tail(p: Process) -> int:
    """`tail [-n N] [-c N] [-f] [FILE…]`; -f never ends."""
    _old_style(p)
    found = options(p, "n:c:fFq", ("lines=|n", "bytes=|c", "follow|f"))
    sign, count = _count(p, found.value("c") or found.value("n"), 10)
    status = 0
    read = inputs(p, found.operands, "cannot open '{}' for reading", "can't open '{}'")
    for number_, (path, data) in enumerate(read):
        if data is None:
            status = 1
            continue
        if len(found.operands) > 1 and "q" not in found:
            p.out(("\n" if number_ else "") + f"==> {path} <==\n")
        parts = list(data.splitlines(keepends=True)) if "c" not in found else [bytes([byte]) for byte in data]
        start = count - 1 if sign == "+" else max(0, len(parts) - count)
        p.out(b"".join(parts[max(0, start):]))
    if found.any("f", "F") and (status == 0 or "F" in found):
        raise Forever
    if status and not p.gnu and all(p.files.find(p.at(path)) is None for path in found.operands):
        p.err("no files")
    return status


def wc(p: Process) -> int:
    """`wc [-clwm] [FILE…]`."""
    found = options(p, "clwmL", ("bytes|c", "lines|l", "words|w", "chars|m"))
    columns = [letter for letter in "lwmc" if letter in found] or ["l", "w", "c"]
    rows: list[tuple[list[int], str]] = []
    status = 0
    for path, data in inputs(p, found.operands):
        if data is None:
            status = 1
            continue
        sizes = {"l": data.count(b"\n"), "w": len(data.split()), "c": len(data),
                 "m": len(data.decode("utf-8", "surrogateescape"))}
        rows.append(([sizes[letter] for letter in columns], "" if path == "-" else path))
    if len(found.operands) > 1:
        rows.append(([sum(row[0][at] for row in rows) for at in range(len(columns))], "total"))
    width = max((len(str(value)) for row, _ in rows for value in row), default=1)
    width = 1 if len(columns) == 1 and len(rows) == 1 else width if p.gnu else 9
    if p.gnu and not found.operands and len(columns) > 1:
        width = 7
    for row, name in rows:
        p.line(" ".join(f"{value:>{width}}" for value in row) + (f" {name}" if name else ""))
    return status


def _lines(p: Process, paths: list[str], verb: str = "", busybox: str = "") -> tuple[list[str], int]:
    texts, status = [], 0
    for _, data in inputs(p, paths, verb, busybox):
        if data is None:
            status = 1
        else:
            texts += data.decode("utf-8", "surrogateescape").splitlines()
    return texts, status


def _number_of(text: str) -> float:
    found = re.match(r"\s*-?\d+(\.\d+)?", text)
    return float(found.group()) if found else 0.0


def _human_number(text: str) -> float:
    found = re.match(r"\s*(-?\d+(?:\.\d+)?)([KMGTP]?)", text)
    return float(found.group(1)) * 1024 ** " KMGTP".index(found.group(2) or " ") if found else 0.0


def sort(p: Process) -> int:
    """`sort [-nruhbfV] [-k N] [-t C] [FILE…]`."""
    found = options(p, "nruhbfVsk:t:o:", ("numeric-sort|n", "reverse|r", "unique|u", "key=|k", "field-separator=|t",
                                          "human-numeric-sort|h"))
    lines, status = _lines(p, found.operands, "cannot read: {}")
    if status:
        return 2
    field = re.match(r"(\d+)", found.value("k", default="0"))
    if field is None:
        raise Usage(f"invalid number at field start: invalid count at start of ‘{found.value('k')}’")
    at, separator = int(field.group()[:6]), found.value("t") or None
    kinds = found.value("k") + "".join(found.given)

    def key(line: str) -> object:
        parts = line.split(separator)
        text = line if at == 0 else (separator or " ").join(parts[at - 1 :])
        if "h" in kinds:
            return _human_number(text)
        if "n" in kinds:
            return _number_of(text)
        return (text.lower() if "f" in kinds else text).encode("utf-8", "surrogateescape")

    if "u" in found:
        lines = list({key(line): line for line in reversed(lines)}.values())
    lines.sort()
    lines.sort(key=key, reverse="r" in found or "r" in found.value("k"))  # type: ignore[arg-type]
    p.out("".join(line + "\n" for line in lines))
    return 0


def uniq(p: Process) -> int:
    """`uniq [-cdu] [FILE]`."""
    found = options(p, "cdui", ("count|c", "repeated|d", "unique|u"))
    lines, status = _lines(p, found.operands[:1], "{}", "can't open '{}'")
    runs: list[tuple[int, str]] = []
    for line in lines:
        if runs and runs[-1][1] == line:
            runs[-1] = (runs[-1][0] + 1, line)
        else:
            runs.append((1, line))
    for count, line in runs:
        if ("d" in found and count == 1) or ("u" in found and count > 1):
            continue
        p.line(f"{count:7} {line}" if "c" in found else line)
    return status


def cut(p: Process) -> int:
    """`cut -d C -f LIST | -c LIST [FILE…]`."""
    found = options(p, "d:f:c:b:s", ("delimiter=|d", "fields=|f", "characters=|c"))
    spec = found.value("f") or found.value("c", "b")
    if not spec:
        raise Usage("you must specify a list of bytes, characters, or fields")
    wanted = []
    for part in spec.split(","):
        span = re.fullmatch(r"(\d{0,6})(-?)(\d{0,6})", part)
        if span is None or not (span.group(1) or span.group(3)):
            raise Usage("invalid field value ‘" + part + "’")
        low = int(span.group(1) or 1)
        wanted.append((low, int(span.group(3) or 10**6) if span.group(2) else low))
    lines, status = _lines(p, found.operands)
    for line in lines:
        if "f" in found:
            mark = found.value("d", default="\t")
            if mark not in line:
                if "s" not in found:
                    p.line(line)
                continue
            parts = line.split(mark)
            p.line(mark.join(one for at, one in enumerate(parts, 1) if any(a <= at <= b for a, b in wanted)))
        else:
            p.line("".join(one for at, one in enumerate(line, 1) if any(a <= at <= b for a, b in wanted)))
    return status


_CLASSES = {
    "lower": "abcdefghijklmnopqrstuvwxyz", "upper": "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "digit": "0123456789",
    "space": " \t\n\r\f\v", "blank": " \t", "punct": "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
}


def _set(text: str) -> str:
    for name, letters in _CLASSES.items():
        text = text.replace(f"[:{name}:]", letters)
    text = text.replace("[:alnum:]", _CLASSES["lower"] + _CLASSES["upper"] + _CLASSES["digit"])
    text = text.replace("[:alpha:]", _CLASSES["lower"] + _CLASSES["upper"])
    for escape, letter in (("\\n", "\n"), ("\\t", "\t"), ("\\r", "\r"), ("\\0", "\0"), ("\\\\", "\\")):
        text = text.replace(escape, letter)

    def span(found: re.Match[str]) -> str:
        low, high = ord(found.group(1)), ord(found.group(2))
        return "".join(map(chr, range(low, high + 1))) if low <= high and high - low < 65536 else found.group()

    return re.sub(r"(.)-(.)", span, text, flags=re.DOTALL)


def tr(p: Process) -> int:
    """`tr [-cds] SET1 [SET2]`."""
    found = options(p, "cCds", ("delete|d", "squeeze-repeats|s", "complement|c"))
    if not found.operands:
        raise Usage("missing operand")
    text = p.input().decode("utf-8", "surrogateescape")
    one = _set(found.operands[0])
    two = _set(found.operands[1]) if len(found.operands) > 1 else ""
    if found.any("c", "C"):
        one = "".join(sorted(set(text) - set(one)))
    if "d" in found:
        text = text.translate({ord(letter): None for letter in one})
    elif two:
        two = (two + two[-1] * len(one))[: len(one)]
        text = text.translate({ord(a): b for a, b in zip(one, two, strict=True)})
    if "s" in found:
        squeezed = "".join(re.escape(letter) for letter in (two or one))
        text = re.sub(f"([{squeezed}])\\1+", r"\1", text) if squeezed else text
    p.out(text)
    return 0


def tee(p: Process) -> int:
    """`tee [-a] FILE…`."""
    found = options(p, "ai", ("append|a",))
    data, status = p.input(), 0
    for path in found.operands:
        try:
            p.files.write(p.at(path), data, append="a" in found)
        except FsError as error:
            status = p.err(f"{path}: {reason(error)}")
    p.out(data)
    return status


def nl(p: Process) -> int:
    """`nl [FILE…]`: numbers lines that are not empty."""
    lines, status = _lines(p, options(p, "b:").operands)
    count = 0
    for line in lines:
        count += bool(line)
        p.line(f"{count:6}\t{line}" if line else "       ")
    return status


def tac(p: Process) -> int:
    """`tac`, `rev`: lines, or letters, backwards."""
    lines, status = _lines(p, options(p).operands)
    for line in lines[::-1] if p.name == "tac" else (line[::-1] for line in lines):
        p.line(line)
    return status


def seq(p: Process) -> int:
    """`seq [FIRST [STEP]] LAST`."""
    found = options(p, "s:w", permute=False)
    values = [number(word, "invalid floating point argument") for word in found.operands]
    if not 1 <= len(values) <= 3:
        raise Usage("missing operand" if not values else "extra operand")
    first, step, last = {1: (1, 1, values[-1]), 2: (values[0], 1, values[-1])}.get(len(values), tuple(values))[:3]
    if step == 0:
        raise Usage("invalid Zero increment value: ‘0’")
    made = list(range(first, last + (1 if step > 0 else -1), step)[:1_000_000])
    if made:
        p.out(found.value("s", default="\n").join(map(str, made)) + "\n")
    return 0


def strings(p: Process) -> int:
    """`strings FILE`: runs of at least four printable bytes."""
    for _, data in inputs(p, options(p, "n:a").operands):
        for run in re.findall(rb"[\x20-\x7e\t]{4,}", data or b""):
            p.line(shown(run.decode("ascii")))
    return 0


def digest(p: Process) -> int:
    """`md5sum`, `sha1sum`, `sha256sum`, `sha512sum` of files."""
    import hashlib

    status = 0
    for path, data in inputs(p, options(p, "b").operands, "", "can't open '{}'"):
        if data is None:
            status = 1
        else:
            made = hashlib.new(p.name.removesuffix("sum"), data, usedforsecurity=False).hexdigest()
            p.line(f"{made}  {path}")
    return status


TEXTS = {
    "cat": cat, "head": head, "tail": tail, "wc": wc, "sort": sort, "uniq": uniq, "cut": cut, "tr": tr, "tee": tee,
    "nl": nl, "tac": tac, "rev": tac, "seq": seq, "strings": strings, "md5sum": digest, "sha1sum": digest,
    "sha256sum": digest, "sha512sum": digest, "more": cat, "less": cat,
}
