"""The mount as a value: versions, reports, reasons, space, refused mounts. What the kernel does is in the corpus."""

from __future__ import annotations

import errno
import json
import random
from collections.abc import Iterator

import pytest

from sim.content.data import Extent, Inline
from sim.errors import BadInput, FsError
from sim.fs.entry import Entry, Kind
from sim.fs.sketch import file, sketch, symlink
from sim.union.overlay import (
    WHITEOUT,
    Did,
    Names,
    Open,
    Options,
    OverlayMount,
    Report,
    directory,
    mount,
)
from sim.union.overlay.options import MAX_LOWERS, PAGE
from sim.union.overlay.versions import Version
from sim.union.upperdir import mounted
from tests.overlaykit.model import Model, directory_of
from tests.overlaykit.stacks import Operations, random_stack


def lower(**files: str) -> OverlayMount:
    return mounted([sketch(*(file("/" + name.replace("__", "/"), data.encode()) for name, data in files.items()))])


def run(m: OverlayMount, *steps: tuple[object, ...]) -> OverlayMount:
    for name, *rest in steps:
        m, report = getattr(m, str(name))(*rest)
        report.check()
    return m


# -- values


def test_an_old_mount_still_shows_what_it_showed() -> None:
    first = lower(a__f="old", a__g="g")
    second = run(first, ("put", "/a/f", b"new"), ("unlink", "/a/g"))
    third = run(second, ("mkdir", "/b"))
    assert first.cat("/a/f")[1].value.read() == b"old"
    assert second.readdir("/a")[1].value == ("f",)
    assert third.cat("/a/f")[1].value.read() == b"new"
    assert first.upperdir.dump() == () and second.readdir("/")[1].value == ("a",)


def test_one_can_go_on_from_an_old_mount() -> None:
    first = lower(f="low")
    left, right = run(first, ("append", "/f", b"-left")), run(first, ("append", "/f", b"-right"))
    assert [m.cat("/f")[1].value.read() for m in (left, right, first, left)] == [
        b"low-left", b"low-right", b"low", b"low-left"]


def test_every_version_of_a_random_history_can_be_asked_again() -> None:
    rng = random.Random(11)
    stack = random_stack(rng, 4)
    model, choose = Model([directory_of(layer) for layer in stack]), Operations(rng, stack)
    history = []
    for _ in range(300):
        history.append((model.mount, model.merged(), model.upper()))
        model.do(next(choose))
    rng.shuffle(history)
    for version, merged, upper in history:
        model.mount = version
        assert (model.merged(), model.upper()) == (merged, upper)


def test_an_operation_that_changes_nothing_returns_the_same_mount() -> None:
    m = lower(f="low")
    for after, _ in (m.cat("/f"), m.stat("/f"), m.unlink("/no"), m.rename("/f", "/f")):
        assert after is m


def test_versions_turn_round() -> None:
    class Box:
        def __init__(self) -> None:
            self.value, self.forgotten = 0, 0

        def forget(self) -> None:
            self.forgotten += 1

    box = Box()
    versions = [Version(box)]
    for number in range(1, 4):
        versions.append(versions[-1].after([(box, "value", box.value)]))
        box.value = number
    for number in (0, 3, 1, 1, 2, 0):
        assert versions[number].core().value == number
    assert box.forgotten == 5, "asking the same version again costs nothing"


def test_the_upperdir_is_a_value_of_its_own() -> None:
    m = run(lower(f="low"), ("append", "/f", b"+"))
    before = m.upperdir
    run(m, ("append", "/f", b"+"))
    assert before.dump() == ("f  4 bytes",) and before == m.upperdir
    again = mount(m.lowerdirs, before)
    assert again.cat("/f")[1].value.read() == b"low+" and again.space.used == 4
    assert again.stat("/f")[1].value.ino == m.stat("/f")[1].value.ino


def test_the_clock_is_an_argument() -> None:
    m = run(lower(f="low").at(5), ("put", "/new", b""))
    assert m.stat("/new")[1].value.mtime_ns == 5
    assert run(m.at(9), ("append", "/new", b"x")).stat("/new")[1].value.mtime_ns == 9


# -- reports


def effects(report: Report) -> list[tuple[str, str, int]]:
    return [(str(effect.did), effect.path, effect.bytes) for effect in report.effects]


def test_effects_say_what_was_copied_and_what_it_cost() -> None:
    _, report = lower(a__b__f="12345678").append("/a/b/f", b"9")
    assert effects(report) == [("parent", "a", 0), ("parent", "a/b", 0), ("copy-up", "a/b/f", 8),
        ("wrote", "a/b/f", 1)]
    assert report.copied == 8 and report.ok and report.value == 1


EFFECTS = [
    ("chmod", ("/f", 0o600), ["copy-up", "changed"]),
    ("unlink", ("/f",), ["whiteout"]),
    ("rename", ("/f", "/g"), ["copy-up", "whiteout", "moved"]),
    ("link", ("/f", "/g"), ["copy-up", "linked"]),
    ("mkdir", ("/new",), ["created"]),
    ("put", ("/d/new", b""), ["parent", "created"]),
    ("cat", ("/f",), []),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), EFFECTS, ids=[row[0] for row in EFFECTS])
def test_effects_of_each_operation(name: str, arguments: tuple[object, ...], expected: list[str]) -> None:
    _, report = getattr(lower(f="low", d__x="x"), name)(*arguments)
    assert [str(effect.did) for effect in report.effects] == expected
    assert all(effect.words for effect in report.effects)


def test_a_report_is_json() -> None:
    _, report = lower(etc__apt__sources="x" * 20_000).rename("/etc/apt", "/etc/apt2")
    found = json.loads(json.dumps(report.to_json()))
    assert found["errno"] == "EXDEV" and found["ok"] is False and found["paths"] == ["/etc/apt", "/etc/apt2"]
    assert found["printed"] is None, "mv says nothing: it copies"


# -- reasons

STACK = [sketch(file("/etc/apt/a", b"x" * 214_000), file("/f", b"low"), file("/gone"), symlink("/loop", "loop")),
         sketch(file("/etc/apt/b", b""))]

REASONS = [
    (("rename", "/etc/apt", "/etc/new"),
     "rename: the directory /etc/apt is in lower layers 1, 2; moving it would leave its lower contents under the old"
     " name, so EXDEV",
     "mv then copies 214 KB in 2 files and leaves a whiteout; mount with redirect_dir=on to move without copying",
         None),
    (("unlink", "/gone"),
     "unlink: the upperdir has a whiteout of /gone, which hides what lower layers have, so ENOENT",
     None, "rm: cannot remove '/gone': No such file or directory"),
    (("stat", "/no/way"), "stat: no layer that is merged in / has the name no, so ENOENT", None,
     "stat: cannot statx '/no/way': No such file or directory"),
    (("cat", "/etc/apt/c"), "cat: no layer that is merged in /etc/apt has the name c, so ENOENT", None,
     "cat: /etc/apt/c: No such file or directory"),
    (("rmdir", "/etc/apt"), "rmdir: the merged directory /etc/apt shows 2 names (a, b), so ENOTEMPTY",
     "remove what is in it first (rm -r)", "rmdir: failed to remove '/etc/apt': Directory not empty"),
    (("cat", "/f/x"), "cat: /f is not a directory in the merged view, so ENOTDIR", None,
     "cat: /f/x: Not a directory"),
    (("mkdir", "/f"), "mkdir: /f is there already, so EEXIST", None,
     "mkdir: cannot create directory '/f': File exists"),
    (("cat", "/loop"), "cat: more than 40 symlinks on the way, or one that must not be followed, so ELOOP",
     "look at the links with readlink: they lead in a circle, or too far",
     "cat: /loop: Too many levels of symbolic links"),
    (("mknod", "/w", Kind.CHAR, 0, (0, 0)),
     "mknod: a character device 0/0 is what overlayfs takes for a whiteout, so EPERM",
     "whiteouts are made by removing, never by hand", "mknod: /w: Operation not permitted"),
]


@pytest.mark.parametrize(("step", "why", "advice", "printed"), REASONS,
    ids=[" ".join(map(str, row[0][:2])) for row in REASONS])
def test_a_failure_says_why_and_what_to_do(step: tuple[object, ...], why: str, advice: str | None,
    printed: str | None) -> None:
    m = run(mounted(STACK), ("unlink", "/gone"))
    _, report = getattr(m, str(step[0]))(*step[1:])
    assert (report.why, report.advice, report.printed) == (why, advice, printed)
    with pytest.raises(FsError) as caught:
        report.check()
    assert caught.value.errno == report.errno


def test_every_errno_of_the_corpus_has_words() -> None:
    rng = random.Random(3)
    seen: dict[tuple[str, str], str] = {}
    for _ in range(20):
        stack = random_stack(rng, 4)
        model, choose = Model([directory_of(layer) for layer in stack]), Operations(rng, stack)
        for _ in range(150):
            op, before = next(choose), model.mount
            outcome = model.do(op)
            if len(outcome[0]) > 2 and outcome[0][0] == "E" and op[0] in ("rename", "unlink", "rmdir", "mkdir",
                "link", "chmod", "cat"):
                arguments = op[1:3] if op[0] in ("rename", "link") else op[1:2]
                extra = {"noreplace": op[3] == "noreplace",
                    "exchange": op[3] == "exchange"} if op[0] == "rename" else {}
                more = [op[2]] if op[0] in ("chmod", "mkdir") else []
                _, report = getattr(before, op[0])(*arguments, *more, **extra)
                seen[op[0], outcome[0]] = report.why
    assert len(seen) > 20
    for (_, name), why in seen.items():
        assert why.endswith(f", so {name}")
        assert "None" not in why


def test_a_success_says_what_it_cost() -> None:
    _, report = lower(big="x" * 4000).chmod("/big", 0o600)
    assert report.why == (
        "chmod: /big was copied up from layer 1, 4,000 bytes (a lower layer cannot change, so the whole file is copied"
        " before its attributes are)"
    )
    _, report = lower(f="x").unlink("/f")
    assert report.why == "unlink: a whiteout hides /f (the lower layer keeps its bytes: the image does not shrink)"


def test_what_each_layer_says_of_a_name() -> None:
    low = directory({"d/x": Entry(Kind.FILE, 0o644), "f": Entry(Kind.FILE, 0o644)})
    top = directory({"d": Entry(Kind.DIRECTORY, 0o755), "f": WHITEOUT, "e": WHITEOUT})
    m = mount([low, top])
    assert [(one.layer, one.said) for one in m.asked("/d")] == [(3, "nothing"), (2, "found"), (1, "merged")]
    assert [(one.layer, one.said) for one in m.asked("/f")] == [(3, "nothing"), (2, "whiteout"), (1, "hidden")]
    assert m.asked("/no/way") == ()


def test_where_a_path_leads() -> None:
    m = mounted([sketch(file("/d/x"), symlink("/l", "d/./x"), symlink("/gone", "no"))])
    assert (m.real_path("/l"), m.real_path("/d/../d"), m.real_path("/gone")) == ("d/x", "d", None)
    assert m.layers == 2 and mount((*m.lowerdirs, directory({})), None).layers == 2


def test_a_path_with_nul_is_no_path() -> None:
    with pytest.raises(BadInput, match="NUL"):
        lower(f="x").stat("/f\0")


# -- space


def test_a_copy_up_that_does_not_fit_leaves_nothing() -> None:
    m = mounted([sketch(file("/big", b"x" * 3000), file("/d/f", b"y" * 900))], size=1000)
    after, report = m.append("/big", b"!")
    assert report.name == "ENOSPC" and after.upperdir.dump() == () and after.space.used == 0
    assert report.why == (
        "append: the copy-up of /big needs 3,000 bytes, 1,000 bytes are free where the upperdir is, so ENOSPC"
    )
    assert m.truncate("/big", 0)[1].name == "ENOSPC", "truncate(2) copies first"
    assert m.put("/big", b"x")[1].ok, "O_TRUNC copies no data"
    after, report = m.unlink("/big")
    assert report.ok and after.upperdir.dump() == ("big  whiteout",)
    after = run(m, ("append", "/d/f", b"z" * 50))
    assert (after.space.used, after.space.free) == (950, 50)
    after, report = after.append("/d/f", b"q" * 80)
    assert report.ok and report.value == 50, "as many bytes as there is room for"
    assert after.append("/d/f", b"q")[1].name == "ENOSPC"
    assert run(after, ("unlink", "/d/f")).space.used == 0


def test_space_of_a_removed_file_is_free_when_its_last_descriptor_is_closed() -> None:
    m = run(mounted([sketch(file("/k"))], size=100), ("put", "/f", b"x" * 60), ("link", "/f", "/g"), ("unlink", "/f"))
    assert m.space.used == 60
    m, report = m.open("/g")
    m = run(m, ("unlink", "/g"))
    assert m.space.used == 60
    assert run(m, ("close", report.value)).space.used == 0


def test_holes_take_no_space() -> None:
    m = run(mounted([sketch(file("/k"))], size=100), ("put", "/f", b"ab"), ("truncate", "/f", 10**9))
    assert m.space.used == 2 and m.stat("/f")[1].value.size == 10**9


# -- big files


def unreadable(size: int) -> Extent:
    def chunks() -> Iterator[bytes]:
        raise AssertionError("the bytes of a lower file were read")
        yield b""

    return Extent(size, chunks)


def test_a_small_write_to_a_huge_file_does_not_read_it() -> None:
    m = mounted([sketch(file("/huge", unreadable(10**12)))])
    after, report = m.append("/huge", b"!")
    assert report.copied == 10**12 and after.stat("/huge")[1].value.size == 10**12 + 1
    after, report = after.append("/huge", b"!")
    assert report.copied == 0, "the second write is free"
    m2, fd = after.open("/huge", Open.RDWR)
    assert m2.read(fd.value, 2, 10**12)[1].value == b"!!"


# -- row 17 of the published figures: copy-up


def test_copy_up_is_linear_in_the_file_and_independent_of_what_is_written() -> None:
    sizes = [2**power for power in range(10, 31)]
    for written in (b"", b"x", b"x" * 1000):
        costs = []
        for size in sizes:
            m, opened = mounted([sketch(file("/f", unreadable(size)))]).open("/f", Open.WRONLY | Open.APPEND)
            m, report = m.write(opened.value, written)
            costs.append(opened.copied + report.copied)
        assert _r_squared(sizes, costs) > 0.99 and costs == sizes
    assert mounted([sketch(file("/f", unreadable(2**30)))]).open("/f", Open.WRONLY | Open.TRUNC)[1].copied == 0


def _r_squared(xs: list[int], ys: list[int]) -> float:
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / sum((x - mean_x) ** 2 for x in xs)
    left = sum((y - mean_y - slope * (x - mean_x)) ** 2 for x, y in zip(xs, ys, strict=True))
    return 1 - left / sum((y - mean_y) ** 2 for y in ys)


# -- mounts that the kernel refuses

REFUSED = [
    ("no lowerdir", Names((), "/u", "/w"), errno.EINVAL),
    ("one lowerdir and no upper", Names(("/l",)), errno.EINVAL),
    ("two lowerdirs and no upper", Names(("/l", "/m")), 0),
    ("upper without workdir", Names(("/l",), "/u"), errno.EINVAL),
    ("workdir inside upper", Names(("/l",), "/u", "/u/w"), errno.EINVAL),
    ("workdir is upper", Names(("/l",), "/u", "/u"), errno.EINVAL),
    ("upper inside lower", Names(("/l",), "/l/u", "/w"), 0),
    ("the same lower twice", Names(("/l", "/l"), "/u", "/w"), errno.ELOOP),
    ("lower inside lower", Names(("/l", "/l/s"), "/u", "/w"), errno.ELOOP),
    ("lower inside upper", Names(("/u/s",), "/u", "/w"), errno.ELOOP),
    ("lower is upper", Names(("/u",), "/u", "/w"), errno.ELOOP),
    ("500 lowers", Names(tuple(f"{n:03d}" for n in range(500)), "/u", "/w"), 0),
    ("501 lowers", Names(tuple(f"{n:03d}" for n in range(501)), "/u", "/w"), errno.EINVAL),
    ("4,095 bytes of options", Names(("/" + "l" * (4095 - len("lowerdir=/,upperdir=/u,workdir=/w")),), "/u", "/w"),
     0),
    ("4,096 bytes of options", Names(("/" + "l" * (4096 - len("lowerdir=/,upperdir=/u,workdir=/w")),), "/u", "/w"),
     errno.EINVAL),
]


@pytest.mark.parametrize(("names", "number"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_mounts_that_the_kernel_refuses(names: Names, number: int) -> None:
    if not number:
        return names.check()
    with pytest.raises(FsError) as caught:
        names.check()
    assert caught.value.errno == number and caught.value.hint


def test_the_options_text_is_top_first_and_escaped() -> None:
    names = Names(("/l/1", "/l:2", "/l,3"), "/u", "/w", Options(redirect_dir=True))
    assert str(names) == "lowerdir=/l\\,3:/l\\:2:/l/1,upperdir=/u,workdir=/w,redirect_dir=on"
    assert (MAX_LOWERS, PAGE) == (500, 4096)


def test_options_are_read_and_refused() -> None:
    assert Options.parse("index=on,metacopy=off") == Options(index=True)
    assert Options.parse("") == Options() and str(Options(userxattr=True)) == "userxattr"
    with pytest.raises(BadInput, match="volatile"):
        Options.parse("volatile")
    with pytest.raises(FsError):
        Options(userxattr=True, metacopy=True)


READ_ONLY = [
    ("put", "/f", b"x"), ("unlink", "/f"), ("unlink", "/no"), ("mkdir", "/n"), ("chmod", "/f", 0o600),
     ("rename", "/f", "/g"),
    ("truncate", "/f", 0), ("setxattr", "/f", "user.k", b""), ("link", "/f", "/g"), ("symlink", "x", "/l"),
     ("rmdir", "/d"),
    ("utime", "/f"), ("chown", "/f", 0, 0), ("open", "/f", Open.RDWR), ("put", "/new", b""),
     ("removexattr", "/f", "user.k"),
]


@pytest.mark.parametrize("step", READ_ONLY, ids=[" ".join(map(str, row[:2])) for row in READ_ONLY])
def test_a_mount_without_an_upper_is_read_only(step: tuple[object, ...]) -> None:
    low = directory({"f": Entry(Kind.FILE, 0o644, data=Inline(b"x")), "d": Entry(Kind.DIRECTORY, 0o755)})
    m = mount([low, directory({})], None)
    assert getattr(m, str(step[0]))(*step[1:])[1].name == "EROFS"
    assert m.mkdir("/f")[1].name == "EEXIST" and m.stat("/f")[1].ok
    with pytest.raises(ValueError, match="upperdir"):
        _ = m.upperdir


def test_a_directory_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="no directory"):
        directory({"f": Entry(Kind.FILE, 0o644), "f/x": Entry(Kind.FILE, 0o644)})


def test_effects_name_their_kinds() -> None:
    _, report = lower(d__f="x").chmod("/d", 0o700)
    assert [(effect.did, effect.kind) for effect in report.effects][0] == (Did.COPY_UP, Kind.DIRECTORY)
