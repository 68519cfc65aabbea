"""The terminal: a host's shell, a container's shell, and steps back and forward."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.internet import new_world
from sim.engine.preset import notes
from sim.engine.terminal import Seat, Terminal, lines_of
from sim.errors import BadInput, SimError

WORLD = new_world()


@pytest.fixture
def terminal() -> Terminal:
    return Terminal(WORLD)


def run(terminal: Terminal, line: str, **options: object) -> tuple[int, str]:
    outcome = terminal.run(line, **options)  # type: ignore[arg-type]
    return outcome.exit, outcome.text


def test_the_registrys_program_serves_and_says_that_it_does_nothing_else_here(terminal: Terminal) -> None:
    assert run(terminal, "docker run -d --name reg registry")[0] == 0
    assert run(terminal, "docker exec reg registry garbage-collect /etc/docker/registry/config.yml") == (
        126, "registry: this program is in the image, and the simulator does not run it\n")
    assert "listening on" in run(terminal, "docker exec reg registry serve /etc/docker/registry/config.yml")[1]


@pytest.mark.parametrize(("line", "exit", "text"), [
    ("echo hi | tee /tmp/f; cat /tmp/f", 0, "hi\nhi\n"),
    ("mkdir -p /srv/a && cd /srv/a && pwd", 0, "/srv/a\n"),
    ("nosuch", 127, "bash: nosuch: command not found\n"),
    ("cat /no", 1, "cat: /no: No such file or directory\n"),
    ("docker ps -q | wc -l", 0, "0\n"),
    ("docker nosuch", 1, None),
    ("curl http://nosuch.test/", 6, "curl: (6) Could not resolve host: nosuch.test\n"),
    ("curl http://127.0.0.1:5000/v2/", 7, None),
    ("curl", 2, "curl: try 'curl --help' for more information\n"),
    ("curl ftp://127.0.0.1/", 1, 'curl: (1) Protocol "ftp" not supported or disabled in libcurl\n'),
    ("systemctl restart nginx", 5, "Failed to restart nginx.service: Unit nginx.service not found.\n"),
    ("systemctl is-active docker", 0, "active\n"),
    ("sleep infinity", 130, "^C\n"),
    ("sudo docker images -q", 0, ""),
    ("x=1; export y=2; env | grep -c ^y=", 0, "1\n"),
])
def test_a_line_on_the_host(terminal: Terminal, line: str, exit: int, text: str | None) -> None:
    found = run(terminal, line)
    assert found[0] == exit and (text is None or found[1] == text)


def test_a_shell_keeps_its_directory_and_its_variables(terminal: Terminal) -> None:
    terminal.run("cd /etc; x=plain; export y=out")
    assert run(terminal, "pwd; echo $x; env | grep -E '^(x|y)='")[1] == "/etc\nplain\ny=out\n"
    assert terminal.prompt == "[root@cyo57 etc]# "


def test_a_container_is_entered_and_left(terminal: Terminal) -> None:
    terminal.run("docker run -it --name web alpine")
    assert terminal.prompt == "/ # "
    terminal.run("cd /etc")
    assert run(terminal, "pwd; nosuch; hostname") [1].splitlines()[:2] == ["/etc", "sh: nosuch: not found"]
    assert terminal.prompt == "/etc # "
    terminal.run("exit 3")
    assert terminal.prompt == "[root@cyo57 ~]# "
    assert "Exited (3)" in run(terminal, "docker ps -a")[1]
    terminal.run("docker start web")
    terminal.run("docker exec -it web sh")
    terminal.run("exit")
    assert "Up " in run(terminal, "docker ps")[1], "leaving an exec leaves the container as it is"


def test_what_an_editor_is_given_replaces_the_file(terminal: Terminal) -> None:
    terminal.run("echo old > /f")
    assert terminal.run("vim /f", typed="new\n").stdout == '"/f" 1L, 4B written\n'
    assert run(terminal, "cat /f")[1] == "new\n"
    assert terminal.run("vim /f").stdout == "new\n", "without a text it shows the file"


def test_a_daemon_that_cannot_read_its_file(terminal: Terminal) -> None:
    terminal.run("vim /etc/docker/daemon.json", typed="{ no json\n")
    assert terminal.run("systemctl reload docker").exit == 1
    assert run(terminal, "docker ps -q")[0] == 0, "a reload that fails leaves the daemon as it was"
    assert terminal.run("systemctl restart docker").exit == 1
    assert "Cannot connect to the Docker daemon" in run(terminal, "docker ps")[1]
    terminal.run("rm /etc/docker/daemon.json; systemctl start docker")
    assert run(terminal, "docker ps -q") == (0, "")


def test_kill_hup_reads_the_configuration_again(terminal: Terminal) -> None:
    terminal.run("echo '{\"insecure-registries\": [\"r:5000\"]}' > /etc/docker/daemon.json")
    assert terminal.world.hosts["cyo57"].daemon.settings.insecure == ()
    assert terminal.run("kill -HUP $(pidof dockerd)").exit == 0
    assert terminal.world.hosts["cyo57"].daemon.settings.insecure == ("r:5000",)


LINES = [
    "docker run -d --name a1 busybox sleep 100", "docker exec a1 sh -c 'echo x > /f'", "docker commit a1 c:1",
    "docker tag busybox b:2", "docker rmi b:2", "docker stop -t 0 a1", "docker start a1", "docker rm -f a1",
    "docker pull busybox", "docker images", "echo hi > /tmp/f", "cd /etc", "docker run -it busybox", "exit", "ls",
    "systemctl restart docker", "nosuch", "docker diff a1", "x=1", "docker history busybox",
]


@settings(max_examples=25)
@given(st.lists(st.sampled_from(LINES), max_size=10), st.data())
def test_undo_restores_the_world_exactly(lines: list[str], data: st.DataObject) -> None:
    terminal = Terminal(WORLD)
    seats = [terminal.seat]
    for line in lines:
        terminal.run(line)
        seats.append(terminal.seat)
    back = data.draw(st.integers(0, len(lines)))
    terminal.undo(back)
    assert terminal.seat == seats[len(lines) - back]
    terminal.redo(back)
    assert terminal.seat == seats[-1]
    terminal.reset()
    assert terminal.seat == Seat(WORLD)


def test_a_link_leads_to_the_same_state(terminal: Terminal) -> None:
    terminal.run("docker pull busybox")
    terminal.run("vim /f", typed="a\n容器\n")
    other = Terminal(WORLD)
    other.follow(terminal.link)
    assert other.seat == terminal.seat


@given(st.text(max_size=40))
def test_no_text_is_taken_for_a_link(text: str) -> None:
    for one in (text, "sim1-" + text):
        try:
            lines_of(one)
        except BadInput:
            continue


def test_a_link_cannot_hold_more_than_it_may() -> None:
    import base64
    import zlib

    bomb = "sim1-" + base64.urlsafe_b64encode(zlib.compress(json.dumps(["x" * 10_000_000]).encode())).decode()
    with pytest.raises(BadInput, match="no link"):
        lines_of(bomb)


def test_places(terminal: Terminal) -> None:
    terminal.places["notes"] = lambda: Seat(notes().world)
    terminal.goto("notes")
    assert "72613e8ac37a" in run(terminal, "docker ps")[1]
    with pytest.raises(SimError, match="no place"):
        terminal.goto("nosuch")
    with pytest.raises(SimError, match="no host"):
        terminal.move_to("nosuch")


@settings(max_examples=60)
@given(st.sampled_from(["curl", "systemctl", "service docker", "kill", "docker", "vim", "docker run", "apt-get"]),
       st.lists(st.text(alphabet="-abdhkoprsuvXIH:/.=0123456789@?#%é[]{}", max_size=12), max_size=4))
def test_no_arguments_on_a_host_are_a_traceback(command: str, args: list[str]) -> None:
    quoted = " ".join("'" + arg + "'" for arg in args)
    assert 0 <= Terminal(WORLD).run(f"{command} {quoted}").exit < 256


def test_a_host_has_a_place_for_what_nobody_wants_to_see() -> None:
    terminal = Terminal()
    assert terminal.run("ls /nowhere > /dev/null 2>&1; cat /dev/null | wc -c").text == "0\n"
