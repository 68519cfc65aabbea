"""The shell inside a container: over the real samples, held to what the real tools print.

The expected texts were recorded on dash 0.5.12, bash 5.2, BusyBox 1.35 and GNU coreutils 9.1.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.boot.host import Host
from sim.engine.command import Call, Ran, Stream
from sim.engine.mounts import Mounted
from sim.engine.shell import run_inside
from sim.image.samples import sample
from sim.union.overlay import OverlayMount, directory, mount
from sim.union.snapshot import Snapshots, container, unpack

NOW = 1_795_505_060 * 10**9
ENV = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}


@lru_cache(maxsize=4)
def root(name: str) -> OverlayMount:
    image = sample(name)
    store, top = unpack(Snapshots(), [(layer.diff_id, layer.changes) for layer in image.layers])
    return container(store, "c", top, now=NOW)[1]


def run(
    name: str, *argv: str, over: OverlayMount | None = None, stdin: bytes | None = None, tty: bool = False,
    user: str = "", cwd: str = "/", table: tuple[Mounted, ...] = (), held: dict[str, OverlayMount] | None = None,
) -> Ran:
    return run_inside(Call(
        (Mounted("/", "overlay"), *table), {"overlay": over or root(name), **(held or {})}, argv, ENV, cwd, user,
        "72613e8ac37a", stdin, NOW, Host(), tty, ((1, argv[0]),),
    ))


def said(ran: Ran) -> tuple[int, str, str]:
    streams = {stream: "".join(one.text for one in ran.output if one.stream is stream) for stream in Stream}
    return ran.exit, streams[Stream.OUT], streams[Stream.ERR]


def sh(name: str, text: str, **options: object) -> tuple[int, str, str]:
    return said(run(name, "sh", "-c", text, **options))  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "out"), [
    ("echo hi > /f; cat /f /f | wc -l", "2\n"),
    ("for i in 1 2 3; do echo $i >> /x; done; tail -n 1 /x", "3\n"),
    ("cat <<EOF\na $((1+2)) $(echo x y)\nEOF", "a 3 x y\n"),
    ("cat <<'EOF'\n$x\nEOF", "$x\n"),
    ("a='x y'; for w in $a \"$a\"; do echo [$w]; done", "[x]\n[y]\n[x y]\n"),
    ("f() { return 3; }; f || echo $?", "3\n"),
    ("(exit 4); echo $?", "4\n"),
    ("echo a | while read x; do echo got $x; done", "got a\n"),
    ("i=0; while [ $i -lt 9 ]; do i=$((i+1)); [ $i = 2 ] && break; done; echo $i $?", "2 0\n"),
    ("case abc in a*) echo A;; *) echo B;; esac", "A\n"),
    ("x=abc.tar.gz; echo ${x%.*} ${x%%.*} ${x#*.} ${#x} ${y:-d}", "abc.tar abc tar.gz 10 d\n"),
    ("y=1 true; echo [$y]", "[]\n"),
    ("echo /etc/pass*; echo '/etc/pass*'; echo /no*", "/etc/passwd\n/etc/pass*\n/no*\n"),
    ("if [ -e /nof ]; then echo y; elif [ -d /etc ]; then echo dir; fi", "dir\n"),
    ("echo one; false && echo two || echo three", "one\nthree\n"),
    ("set -e; false; echo no", ""),
    ("echo x 2>&1 >/dev/null; echo y >&2", "x\n" * 0),
    ("printf '%s=%03d\\n' a 1 b 2", "a=001\nb=002\n"),
    ("cd /etc && pwd && cd .. && pwd && cd - ", "/etc\n/\n/etc\n"),
    ("umask 077; touch /t; stat -c %a /t", "600\n"),
    ("echo 'b\na\nb' | sort | uniq -c | sort -rn | head -1", "      2 b\n"),
    ("echo a:b:c | cut -d: -f2; echo abc | tr a-c A-C", "b\nABC\n"),
    ("printf 'a\\nb\\n' | sed 's/\\(a\\)/<\\1>/; 2d'", "<a>\n"),
    ("printf 'x1\\ny\\n' | grep -n '[0-9]'", "1:x1\n"),
    ("ls -d /etc /tmp | xargs -n 1 echo got", "got /etc\ngot /tmp\n"),
    ("mkdir -p /a/b && touch /a/b/f && find /a -type f && rm -r /a && ls -d /a 2>/dev/null; echo $?", "/a/b/f\n2\n"),
])
def test_a_script_prints_what_dash_prints(text: str, out: str) -> None:
    assert sh("ubuntu", text)[1] == out


@pytest.mark.parametrize(("image", "text", "exit", "err"), [
    ("ubuntu", "nosuch", 127, "sh: 1: nosuch: not found\n"),
    ("alpine", "nosuch", 127, "sh: nosuch: not found\n"),
    ("ubuntu", "echo )", 2, 'sh: 1: Syntax error: ")" unexpected\n'),
    ("alpine", "echo )", 2, 'sh: syntax error: unexpected ")"\n'),
    ("ubuntu", "echo 'x", 2, "sh: 1: Syntax error: Unterminated quoted string\n"),
    ("ubuntu", "cat < /no", 2, "sh: 1: cannot open /no: No such file\n"),
    ("alpine", "cat < /no", 1, "sh: can't open /no: no such file\n"),
    ("ubuntu", "echo x > /no/f", 2, "sh: 1: cannot create /no/f: Directory nonexistent\n"),
    ("ubuntu", "echo x > /etc", 2, "sh: 1: cannot create /etc: Is a directory\n"),
    ("ubuntu", "cd /no", 2, "sh: 1: cd: can't cd to /no\n"),
    ("ubuntu", "/etc/passwd", 126, "sh: 1: /etc/passwd: Permission denied\n"),
    ("ubuntu", "ls /no", 2, "ls: cannot access '/no': No such file or directory\n"),
    ("alpine", "ls /no", 1, "ls: /no: No such file or directory\n"),
    ("ubuntu", "cat /no", 1, "cat: /no: No such file or directory\n"),
    ("alpine", "cat /no", 1, "cat: can't open '/no': No such file or directory\n"),
    ("ubuntu", "rm /etc", 1, "rm: cannot remove '/etc': Is a directory\n"),
    ("alpine", "rm /etc", 1, "rm: '/etc' is a directory\n"),
    ("ubuntu", "mkdir /etc", 1, "mkdir: cannot create directory ‘/etc’: File exists\n"),
    ("ubuntu", "rmdir /etc", 1, "rmdir: failed to remove '/etc': Directory not empty\n"),
    ("ubuntu", "cp /etc /x", 1, "cp: -r not specified; omitting directory '/etc'\n"),
    ("ubuntu", "mv /no /x", 1, "mv: cannot stat '/no': No such file or directory\n"),
    ("alpine", "mv /no /x", 1, "mv: can't rename '/no': No such file or directory\n"),
    ("ubuntu", "touch /no/f", 1, "touch: cannot touch '/no/f': No such file or directory\n"),
    ("ubuntu", "chmod zz /etc", 1, "chmod: invalid mode: ‘zz’\n"),
    ("ubuntu", "chown nosuch /etc", 1, "chown: invalid user: ‘nosuch’\n"),
    ("ubuntu", "stat /no", 1, "stat: cannot statx '/no': No such file or directory\n"),
    ("ubuntu", "find /no", 1, "find: ‘/no’: No such file or directory\n"),
    ("ubuntu", "grep x /no", 2, "grep: /no: No such file or directory\n"),
    ("ubuntu", "perl -e 1", 126, "perl: this program is in the image, and the simulator does not run it\n"),
    ("ubuntu", "f() { f; }; f", 2, "sh: 1: maximum nesting level exceeded\n"),
])
def test_a_failure_is_in_the_words_of_the_images_own_tools(image: str, text: str, exit: int, err: str) -> None:
    found = sh(image, text)
    assert (found[0], found[2]) == (exit, err)


def test_a_write_costs_what_the_mount_says() -> None:
    ran = run("ubuntu", "sh", "-c", "chmod 600 /etc/passwd; rm /etc/group; echo hi > /new")
    assert [event.words for event in ran.events] == [
        "/etc/passwd was copied up from layer 1, 321 bytes", "/etc/passwd was changed",
        "a whiteout hides /etc/group", "/new was created", "3 bytes were written to /new",
    ]
    assert set(ran.held["overlay"].upperdir.dump()) >= {"etc/group  whiteout", "new  3 bytes"}
    assert root("ubuntu").stat("/new")[1].errno, "the container before it is as it was"


def test_sed_in_place_writes_a_new_file_and_copies_nothing_up() -> None:
    ran = run("ubuntu", "sed", "-i", "s/root/ROOT/", "/etc/passwd")
    assert not any(event.facts["did"] == "copy-up" for event in ran.events)
    assert ran.held["overlay"].cat("/etc/passwd")[1].value.read().startswith(b"ROOT:")


def test_the_kernel_is_the_hosts_and_proc_dev_sys_are_in_no_layer() -> None:
    code, out, _ = sh("ubuntu", "uname -r; cat /proc/sys/kernel/osrelease; ls /dev/null; touch /dev/x; touch /proc/x")
    assert out.splitlines() == ["6.1.0-amd64", "6.1.0-amd64", "/dev/null"] and code == 1
    ran = run("ubuntu", "sh", "-c", "echo x > /dev/shm/f; echo y > /dev/null")
    assert ran.held["overlay"].upperdir.dump() == root("ubuntu").upperdir.dump() and set(ran.held) == {"overlay"}


def test_a_mount_hides_what_the_image_has_and_gets_what_is_written() -> None:
    host = mount([directory({})]).mkdir("/srv")[0].put("/srv/f", b"host\n")[0]
    line = Mounted("/etc", "host", "/srv", "/dev/sda1", "ext4")
    ran = run("ubuntu", "sh", "-c", "ls /etc; echo new > /etc/g; mv /etc/f /f", table=(line,), held={"host": host})
    assert said(ran)[:2] == (0, "f\n")
    assert ran.held["host"].readdir("/srv")[1].value == ("g",)
    assert ran.held["overlay"].cat("/f")[1].value.read() == b"host\n", "another file system: mv copies"


def test_a_read_only_mount_refuses() -> None:
    line = Mounted("/data", "v", readonly=True)
    base = root("ubuntu").mkdir("/data")[0]
    found = sh("ubuntu", "touch /data/x", over=base, table=(line,), held={"v": mount([directory({})])})
    assert found == (1, "", "touch: cannot touch '/data/x': Read-only file system\n")


def test_who_is_not_root_is_held_to_the_mode_bits() -> None:
    code, out, err = sh("ubuntu", "id -un; cat /etc/shadow; touch /x; touch /tmp/mine; rm /etc/passwd", user="nobody")
    assert out == "nobody\n" and code == 1
    assert [line.rpartition(": ")[2] for line in err.splitlines()] == ["Permission denied"] * 3


@pytest.mark.parametrize(("argv", "lasts"), [
    (("sleep", "100"), 100 * 10**9), (("tail", "-f", "/dev/null"), -1), (("sleep", "infinity"), -1),
    (("sh", "-c", "while true; do echo x; sleep 1; done"), -1), (("true",), None),
])
def test_a_program_that_goes_on_says_for_how_long(argv: tuple[str, ...], lasts: int | None) -> None:
    found = run("ubuntu", *argv).lasts_ns
    assert found == lasts or (lasts is not None and lasts > 0 and found is not None and 0 <= found - lasts < 10**9)


def test_a_line_typed_at_a_prompt_leaves_its_directory_and_variables() -> None:
    ran = run("ubuntu", "bash", "-i", "-c", "cd /etc; export A=1; nosuch", tty=True)
    assert (ran.cwd, ran.env and ran.env["A"]) == ("/etc", "1")
    assert said(ran)[2] == "bash: nosuch: command not found\n"
    assert run("ubuntu", "bash", tty=True).interactive


def test_a_script_in_the_image_runs() -> None:
    base = root("alpine").put("/run.sh", b'#!/bin/sh\nset -e\necho "$@" | tr a-z A-Z\nexec "$1"\n', 0o755)[0]
    assert sh("alpine", "/run.sh true b", over=base) == (0, "TRUE B\n", "")


@given(st.text(alphabet="ab $\"'`\\|&;<>(){}[]*?#=!~-/\n\t0123456789", max_size=60))
def test_no_script_is_a_traceback(text: str) -> None:
    code, _, _ = sh("busybox", text)
    assert 0 <= code < 256


COMMANDS = ["ls", "cat", "find", "sed", "grep", "cp", "mv", "rm", "ln", "chmod", "chown", "du", "df", "stat", "head",
            "tail", "wc", "sort", "cut", "tr", "dd", "date", "touch", "mkdir", "env", "xargs", "printf", "test", "seq"]


@given(st.sampled_from(COMMANDS), st.lists(st.one_of(
    st.sampled_from(["/etc", "/tmp/x", "/bin/sh", "/no", "-", "--", "-r", "-n", "-f", "5", "+3", ".", "..", "/"]),
    st.text(alphabet="-abcdefnrstxXR0129.%*[](){}\\+?=:,/é", max_size=12)), max_size=5))
def test_no_arguments_are_a_traceback(name: str, args: list[str]) -> None:
    ran = run("busybox", name, *args, stdin=b"a b\nc\n")
    assert 0 <= ran.exit < 256


def test_output_and_loops_are_bounded() -> None:
    assert run("alpine", "sh", "-c", "yes | head -n 2").exit == 0
    assert said(run("alpine", "sh", "-c", "yes | head -n 2"))[1] == "y\ny\n"
    assert run("alpine", "sh", "-c", "while :; do :; done").lasts_ns == -1
    assert said(run("ubuntu", "cat", "/dev/zero"))[0] == 1


def _deep(make: Callable[[int], str]) -> int:
    return sh("busybox", make(3000))[0]


def test_deep_nesting_is_refused() -> None:
    assert _deep(lambda count: "(" * count) == 2
    assert _deep(lambda count: "echo " + "$(" * count) == 2
    assert _deep(lambda count: "if true; then " * count) == 2
    assert _deep(lambda count: "echo $((" + "(" * count + "1" + ")" * count + "))") == 2


def test_head_takes_as_many_zeros_as_it_is_asked_for_or_says_that_it_does_not() -> None:
    assert sh("alpine", "head -c 8M /dev/zero | wc -c")[:2] == (0, "8388608\n")
    code, _, text = sh("alpine", "head -c 9M /dev/zero")
    assert code == 1 and "more than 8 MiB of /dev/zero are not simulated: use dd if=/dev/zero" in text


@pytest.mark.parametrize(("count", "size"), [("bs=1MB count=2", 2_000_000), ("bs=1M count=2", 2 << 20),
                                             ("bs=2kB count=1", 2_000), ("bs=3b count=1", 1536)])
def test_dd_counts_in_powers_of_ten_and_of_two(count: str, size: int) -> None:
    assert sh("alpine", f"dd if=/dev/zero of=/f {count} status=none && wc -c < /f")[:2] == (0, f"{size}\n")


def test_no_pipe_is_cut_short_in_silence() -> None:
    code, out, err = sh("alpine", "dd if=/dev/zero of=/big bs=9M count=1 status=none; cat /big | wc -c")
    assert (code, out) == (1, "") and "more than 8 MiB through a pipe are not simulated" in err
    assert sh("alpine", "yes | head -n 1")[:2] == (0, "y\n"), "who needs the beginning alone has it"


def test_no_file_is_cut_short_in_silence() -> None:
    code, _, err = sh("alpine", "dd if=/dev/zero of=/big bs=9M count=1 status=none; cat /big > /copy")
    assert code == 1 and "more than 8 MiB into /copy are not simulated: use cp" in err
