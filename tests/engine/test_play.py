"""Transcripts: which lines are commands, what is filled in, and the notes played from end to end."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.differences import same_kind, why_differs
from sim.engine.internet import new_world
from sim.engine.placeholders import fill
from sim.engine.play import Played, entries, known_commands, play, screen
from sim.engine.preset import CONTAINER, PASSWORD, notes
from sim.engine.terminal import Terminal
from sim.engine.transcript import parse
from sim.errors import BadInput

SHAPE = """\
---
tags:
  - docker
---
> text

```bash
docker commit -m "Describe Message" -a="Author" <CONTAINER_ID> <New_IAMGE_NAME>:[TAG]

[root@minecraft-server ~]# docker commit -m "Vim Ubuntu" -a="cyo57" 72613e8ac37a ubuntu-cyo57:1.0
sha256:aa461ced9fa1bc72254272b203bac189e315652a862778014ee9147c0d6b4493
[root@minecraft-server ~]#
[root@minecraft-server ~]# docker images
REPOSITORY     TAG       IMAGE ID       CREATED         SIZE
ubuntu-cyo57   1.0       aa461ced9fa1   3 seconds ago   190MB
```

```json
{"docker": "no command"}
```

```bash
$ docker login --username=ACCOUNT registry.cn-hangzhou.aliyuncs.com
$ docker tag [ImageId] registry.cn-hangzhou.aliyuncs.com/cyo57/ubuntu-cyo57-1.0:[镜像版本号]
$ docker push registry.cn-hangzhou.aliyuncs.com/cyo57/ubuntu-cyo57-1.0:[镜像版本号]
```
```bash
$ docker pull registry.cn-hangzhou.aliyuncs.com/cyo57/ubuntu-cyo57-1.0:1.0
```
- 运行 registry
```bash
docker run -d -p 5000:5000 -v /cyo57/myregistry/:/tmp/registry --privileged=true registry
```
```bash
[root@minecraft-server ~]# curl XGET http://172.17.0.1:5000/v2/_catalog
curl: (56) Recv failure: Connection reset by peer
{"repositories":[]}
```
```bash
[root@minecraft-server ~]# docker images
cyo_ubuntu                                                 1.0       bb7d8030a9b3   5 minutes ago   192MB
[root@minecraft-server ~]# docker tag cyo_ubuntu:1.0 172.17.0.1:5000/cyo_ubuntu:1.0
root@minecraft-server ~]# docker images
cyo_ubuntu                                                 1.0       bb7d8030a9b3   7 minutes ago   192MB

# 相当于克隆了一份
```
```bash
vim /etc/docker/daemon.json

# 添加内容
{
\t"insecure-registries": ["172.17.0.1:5000"]
}
```
"""
"""The shape of the notes: every kind of prompt, placeholder and block that they have."""


def test_the_notes_hold_twelve_commands_and_one_edit(shared: Path) -> None:
    for text in (SHAPE, (shared / "notes.zh.md").read_text(encoding="utf-8")):
        found = entries(text)
        assert [one.typed is None for one in found] == [True] * 12 + [False]
        assert [one.command.split()[1] for one in found] == [
            "commit", "commit", "images", "login", "tag", "push", "pull", "run", "XGET", "images", "tag", "images",
            "/etc/docker/daemon.json",
        ]
        assert found[-1].typed == '{\n\t"insecure-registries": ["172.17.0.1:5000"]\n}\n'
        assert found[8].shown == ("curl: (56) Recv failure: Connection reset by peer", '{"repositories":[]}')


def played(text: str) -> list[Played]:
    return list(play(text))


def test_the_notes_are_played_in_order_and_all_is_well(shared: Path) -> None:
    done = played((shared / "notes.zh.md").read_text(encoding="utf-8"))
    assert [one.ok for one in done] == [True] * 13 and [one.exit for one in done] == [0] * 13
    first, second, images, login, tag, push, pull, run, curl, *_, edit = done
    assert dict(first.filled) == {"<CONTAINER_ID>": CONTAINER, "<New_IAMGE_NAME>": "my-image", "[TAG]": "1.0"}
    image = second.text.strip().removeprefix("sha256:")
    assert len(image) == 64 and f"ubuntu-cyo57   1.0       {image[:12]}" in images.text
    assert images.text.splitlines()[0].split() == ["REPOSITORY", "TAG", "IMAGE", "ID", "CREATED", "SIZE"]
    assert login.password and login.text.startswith("Password:") and PASSWORD not in login.text
    assert login.text.endswith("Login Succeeded\n")
    assert dict(tag.filled) == {"[ImageId]": image[:12], "[镜像版本号]": "1.0"}
    assert "The push refers to repository [registry.cn-hangzhou.aliyuncs.com/cyo57/ubuntu-cyo57-1.0]" in push.text
    assert "Image is up to date" in pull.text
    assert len(run.text.splitlines()[-1]) == 64
    assert curl.text == 'curl: (6) Could not resolve host: XGET\n{"repositories":[]}\n'
    assert curl.differs is not None and "resolver" in curl.differs
    rows = [line.split() for line in done[11].text.splitlines() if "cyo_ubuntu" in line]
    assert [row[0] for row in rows] == ["172.17.0.1:5000/cyo_ubuntu", "cyo_ubuntu"] and rows[0][2] == rows[1][2]
    assert edit.entry.typed in "".join(said.text for said in screen(edit))


def test_the_step_that_the_notes_leave_out_fails_before_the_edit_and_works_after_it() -> None:
    terminal = Terminal(notes().world)
    terminal.run("docker run -d -p 5000:5000 -v /cyo57/myregistry/:/tmp/registry --privileged=true registry")
    terminal.run("docker tag cyo_ubuntu:1.0 172.17.0.1:5000/cyo_ubuntu:1.0")
    push, catalog = "docker push 172.17.0.1:5000/cyo_ubuntu:1.0", "curl -s http://172.17.0.1:5000/v2/_catalog"
    before = terminal.run(push)
    assert before.exit == 1 and before.text == (
        "The push refers to repository [172.17.0.1:5000/cyo_ubuntu]\n"
        'Get "https://172.17.0.1:5000/v2/": http: server gave HTTP response to HTTPS client\n'
    )
    terminal.run("vim /etc/docker/daemon.json", typed='{"insecure-registries": ["172.17.0.1:5000"]}\n')
    assert terminal.run(push).exit == 1, "the edit alone changes nothing"
    terminal.run("systemctl reload docker")
    assert terminal.run(push).exit == 0
    assert terminal.run(catalog).stdout == '{"repositories":["cyo_ubuntu"]}\n'
    terminal.undo(3)
    terminal.run("systemctl restart docker")
    gone = terminal.run(push)
    assert gone.exit == 1 and "connect: connection refused" in gone.text
    assert "Exited (137)" in terminal.run("docker ps -a").stdout
    terminal.run("docker start $(docker ps -aq --filter ancestor=registry)")
    assert terminal.run(push).exit == 0
    assert terminal.run(catalog).stdout == '{"repositories":["cyo_ubuntu"]}\n'


KNOWN = known_commands(new_world(), "cyo57")


@pytest.mark.parametrize(("text", "commands"), [
    ("$ docker ps\nCONTAINER ID\n$ ls\n", ["docker ps", "ls"]),
    ("docker ps\nCONTAINER ID\nls -l\n", ["docker ps", "ls -l"]),
    ("docker images\nx\n[a@b ~]# ls\nls is no command here\n", ["docker images", "ls"]),
    ("root@b:/etc# cat hosts\nuser@b:~$ ls\nroot@b ~]# pwd\n", ["cat hosts", "ls", "pwd"]),
    ("$ cat <<EOF > f\ndocker\nEOF\n$ ls\n", ["cat <<EOF > f\ndocker\nEOF", "ls"]),
    ("$ docker run \\\n>  -d \\\n> x\nabc\n", ["docker run -d x"]),
    ("$ \n$\n# ls\n$ # a comment\n", []),
    ("text\n```python\nls\n```\n", []),
    ("text ls\n~~~sh\nls\n~~~\nls\n", ["ls"]),
    ("> ```bash\n> ls\n> ```\n", []),
    ("$ sudo vim f\na\n$ ls\n", ["sudo vim f", "ls"]),
])
def test_which_lines_are_commands(text: str, commands: list[str]) -> None:
    assert [one.command for one in parse(text, KNOWN)] == commands


def test_placeholders_are_filled_and_other_brackets_stay() -> None:
    world = notes().world
    kept = "[ -f x ] && ls [a-z]* <in {{.ID}} http://[::1]/ <nosuchthing>"
    assert fill(kept, world, "cyo57").command == kept
    found = fill("docker tag <image_id> <NewImageName>:[tag]", world, "cyo57", later=["x my-image:1"])
    assert found.values["<NewImageName>"] == "my-image-2" and len(found.values["<image_id>"]) == 12


def test_a_failure_that_the_text_shows_is_ok_and_another_is_not() -> None:
    ok, bad = played("$ docker rmi nosuch\nError: No such image: nosuch:latest\n$ docker rmi other\nUntagged: other\n")
    assert (ok.exit, ok.ok, bad.exit, bad.ok) == (1, True, 1, False)
    assert same_kind("denied: requested access to the resource is denied", "denied: x")
    assert not same_kind("denied: x", "connect: connection refused")


def test_why_a_text_differs() -> None:
    assert why_differs(["a 190MB"], "a  190MB\n") is None and why_differs([], "x") is None
    other = why_differs(["sha256:" + "a" * 64], "sha256:" + "b" * 64)
    assert other == "the IDs are computed from other bytes, or drawn"
    assert why_differs(["HEAD", "x 1"], "HEAD\nw 1\nx 1\n") == "it shows a part of what is printed"


@pytest.mark.parametrize("text", ["", "no command here\n", "```json\nls\n```\n"])
def test_a_text_without_commands_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="no command"):
        entries(text)


def test_a_transcript_that_never_ends_is_refused() -> None:
    with pytest.raises(BadInput, match="more than"):
        entries("$ ls\n" * 3000)
    with pytest.raises(BadInput, match="characters"):
        entries("x" * (1 << 21))


@settings(max_examples=40)
@given(st.lists(st.one_of(
    st.sampled_from(["$ docker", "[a@b ~]# ls", "```", "```bash", "vim /f", "docker run", "<CONTAINER_ID>", "EOF",
                     "$ cat <<EOF", "$ docker ps -f", "$ docker commit '", "$ docker tag [ImageId] a:[TAG]", "\\"]),
    st.text(alphabet="$#[]<>`'\"\\ ~dockerimgs-=:/{}|&;\n\t", max_size=25)), max_size=8))
def test_no_transcript_is_a_traceback(lines: list[str]) -> None:
    try:
        done = played("\n".join(lines))
    except BadInput:
        return
    assert all(0 <= one.exit < 256 for one in done)
