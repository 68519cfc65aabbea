"""docker of the simulated world: words, columns and states. Held against the real one in tests/peers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim.engine.docker import docker, leave, typed
from sim.engine.hosts import run_line
from sim.engine.internet import create_namespace, create_repository, new_world, with_account
from sim.engine.lifecycle import reload, restart
from tests.worldkit import HOST, Typist, with_tiny_shell

shell = pytest.fixture(autouse=True)(with_tiny_shell)


@pytest.fixture
def type_(shell: None) -> Typist:
    return Typist()


def test_a_pull_names_each_layer_and_its_states(type_: Typist) -> None:
    done = type_("docker pull redis")
    lines = done.stdout.splitlines()
    assert lines[:3] == ["Using default tag: latest", "latest: Pulling from library/redis",
                         "219eb4866b55: Pulling fs layer"]
    assert [line.split(": ")[1] for line in lines if line.startswith("219eb4866b55")] == [
        "Pulling fs layer", "Verifying Checksum", "Download complete", "Pull complete"]
    assert sum(line.endswith("Waiting") for line in lines) == 3, "three are fetched at once, the others wait"
    assert lines[-2:] == ["Status: Downloaded newer image for redis:latest", "docker.io/library/redis:latest"]
    assert {event.facts.get("state") for event in done.events if event.kind == "layer"} >= {"Downloading", "Extracting"}


def test_a_layer_that_is_here_is_not_fetched_again(type_: Typist) -> None:
    type_.ok("docker pull nginx")
    done = type_("docker pull redis")
    assert "219eb4866b55: Already exists" in done.stdout
    assert "1 of 6 layers were here already" in " ".join(done.why)
    assert "Status: Image is up to date for redis:latest" in type_.ok("docker pull redis")


def test_what_a_terminal_shows_of_a_pull_is_the_last_state_of_each_layer(type_: Typist) -> None:
    lines = type_.ok("docker pull redis", tty=True).splitlines()
    assert len(lines) == 2 + 6 + 3 and lines[2] == "219eb4866b55: Pull complete"


def test_images_prints_dockers_columns(type_: Typist) -> None:
    assert type_.ok("docker images") == "REPOSITORY   TAG       IMAGE ID   CREATED   SIZE\n"
    type_.ok("docker pull busybox")
    head, row = type_.ok("docker images").splitlines()
    assert head == "REPOSITORY   TAG       IMAGE ID       CREATED       SIZE"
    assert row == "busybox      latest    cc312057e4f5   3 years ago   4.82MB"
    assert type_.ok("docker images -q") == "cc312057e4f5\n"
    assert type_.ok('docker images --format "{{.Repository}}:{{.Tag}} {{.Size}}"') == "busybox:latest 4.82MB\n"
    assert type_.ok("docker images nosuch").count("\n") == 1
    assert "sha256:b0ed320082851898" in type_.ok("docker images --digests")


def test_a_tag_is_a_name_more_and_nothing_is_copied(type_: Typist) -> None:
    type_.ok("docker pull busybox")
    before = dict(type_.world.hosts[HOST].daemon.images)
    type_.ok("docker tag busybox 172.17.0.1:5000/cyo_ubuntu:1.0")
    assert dict(type_.world.hosts[HOST].daemon.images).keys() == before.keys()
    assert len(set(type_.ok("docker images -q").split())) == 1


def test_a_container_keeps_its_layer_from_create_to_rm(type_: Typist) -> None:
    type_.ok("docker run -d --name web busybox sleep 1000")
    type_.ok("docker exec web sh -c 'echo hi > /root/x'")
    type_.ok("docker stop web")
    assert "Exited (137) Less than a second ago" in type_.ok("docker ps -a")
    type_.ok("docker start web")
    assert type_.ok("docker exec web cat /root/x") == "hi\n"
    assert type_.ok("docker diff web") == "C /root\nA /root/x\n"
    assert "cannot remove a running container" in type_("docker rm web").stderr
    type_.ok("docker rm -f web")
    assert type_("docker exec web cat /root/x").stderr == "Error: No such container: web\n"


def test_commit_makes_one_layer_of_what_was_written(type_: Typist) -> None:
    type_.ok("docker run --name cc busybox sh -c 'echo 12345 > /f'")
    said = type_.ok('docker commit -m "Vim Ubuntu" -a="cyo57" cc new:1')
    assert said.startswith("sha256:")
    rows = type_.ok("docker history new:1").splitlines()
    assert rows[1].split()[:1] == [said[7:19]] and "Less than a second ago" in rows[1]
    assert "6B" in rows[1] and rows[1].endswith("Vim Ubuntu") and "<missing>" in rows[-1]
    assert type_.ok("docker run --rm new:1 cat /f") == "12345\n"


def test_an_unchanged_container_commits_no_layer(type_: Typist) -> None:
    type_.ok("docker run --name cc busybox true")
    done = type_("docker commit cc empty")
    daemon = type_.world.hosts[HOST].daemon
    layers = {len(image.config.diff_ids) for image in daemon.images.values()}
    assert layers == {1} and "no new layer" in " ".join(done.why)


def test_what_lies_in_a_volume_is_not_committed(type_: Typist) -> None:
    type_.ok("docker run --name cc -v /vol busybox sh -c 'echo x > /vol/in && echo y > /out'")
    type_.ok("docker commit cc new")
    assert type_.ok("docker run --rm new ls /vol") == "" and type_.ok("docker run --rm new cat /out") == "y\n"


def test_a_named_volume_is_filled_and_a_bind_mount_hides(type_: Typist) -> None:
    type_.ok("docker pull busybox")
    etc = type_.ok("docker run --rm busybox ls /etc")
    assert type_.ok("docker run --rm -v v1:/etc busybox ls /etc") == etc
    hidden = type_.ok("docker run --rm -v /srv/empty:/etc busybox ls /etc")
    assert "passwd" in etc and "passwd" not in hidden
    type_.ok("docker run --rm -v /srv/here:/data busybox sh -c 'echo 1 > /data/f'")
    assert type_.world.hosts[HOST].files.read("/srv/here/f") == b"1\n"


@pytest.mark.parametrize(("line", "words", "code"), [
    ("docker rmi busybox", "conflict: unable to remove repository reference \"busybox\" (must force) - container", 1),
    ("docker rmi nosuch", "Error: No such image: nosuch\n", 1),
    ("docker tag nosuch x", "Error response from daemon: No such image: nosuch:latest\n", 1),
    ("docker tag busybox UPPER", 'Error parsing reference: "UPPER" is not a valid repository/tag: invalid reference '
                                 "format: repository name must be lowercase\n", 1),
    ("docker exec web nosuch", "OCI runtime exec failed: exec failed: unable to start container process: exec: "
                               '"nosuch": executable file not found in $PATH: unknown\n', 126),
    ("docker run busybox nosuch", 'exec: "nosuch": executable file not found in $PATH: unknown.\n', 127),
    ("docker run busybox /etc", 'exec: "/etc": permission denied: unknown.\n', 126),
    ("docker run BB", "docker: invalid reference format: repository name must be lowercase.\n"
                      "See 'docker run --help'.\n", 125),
    ("docker run --name web busybox true", 'docker: Error response from daemon: Conflict. The container name "/web" is '
                                           "already in use by container", 125),
    ("docker run -p abc:80 busybox true", "docker: Invalid hostPort: abc.\nSee 'docker run --help'.\n", 125),
    ("docker run -v rel/path:/x busybox true", 'create rel/path: "rel/path" includes invalid characters', 125),
    ("docker run --rm --restart always busybox true", "docker: Conflicting options: --restart and --rm.\n", 125),
    ("docker run -it busybox sh", "the input device is not a TTY\n", 1),
    ("docker nosuch", "docker: 'nosuch' is not a docker command.\nSee 'docker --help'\n", 1),
    ("docker images --nosuch", "unknown flag: --nosuch\nSee 'docker images --help'.\n", 125),
    ("docker images -z", "unknown shorthand flag: 'z' in -z\nSee 'docker images --help'.\n", 125),
    ("docker ps --format", "flag needs an argument: --format\nSee 'docker ps --help'.\n", 125),
    ("docker tag a", '"docker tag" requires exactly 2 arguments.\nSee \'docker tag --help\'.\n\nUsage:  docker tag '
                     "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]\n\nCreate a tag TARGET_IMAGE that refers to", 1),
    ("docker commit web BAD", "invalid reference format: repository name must be lowercase\n", 1),
    ("docker commit -c 'RUN x' web", "Error response from daemon: run is not a valid change command\n", 1),
    ("docker start nosuch", "Error response from daemon: No such container: nosuch\n"
                            "Error: failed to start containers: nosuch\n", 1),
    ("docker pull nosuch", "Error response from daemon: pull access denied for nosuch, repository does not exist or "
                           "may require 'docker login': denied: requested access to the resource is denied\n", 1),
    ("docker pull ubuntu:99", "manifest for ubuntu:99 not found: manifest unknown: manifest unknown\n", 1),
    ("docker push web", "An image does not exist locally with the tag: web\n", 1),
    ("docker login", "Error: Cannot perform an interactive login from a non TTY device\n", 1),
    ("docker images --format '{{.Nosuch}}'", "can't evaluate field Nosuch in type *formatter.imageContext", 1),
    ("docker images --format '{{'", "template parsing error: template: :1: unclosed action", 1),
])  # fmt: skip
def test_errors_are_dockers_words(type_: Typist, line: str, words: str, code: int) -> None:
    type_.ok("docker run -d --name web busybox sleep 1000")
    done = type_(line)
    assert words in done.stderr and done.exit == code


def test_a_registry_in_a_container_answers_on_its_port(type_: Typist) -> None:
    type_.ok("docker run -d -p 5000:5000 -v /cyo57/myregistry/:/tmp/registry --privileged=true --name reg registry")
    assert "0.0.0.0:5000->5000/tcp, :::5000->5000/tcp" in type_.ok("docker ps")
    type_.ok("docker pull busybox")
    type_.ok("docker tag busybox 172.17.0.1:5000/bb:1")
    failed = type_("docker push 172.17.0.1:5000/bb:1")
    assert failed.stderr == 'Get "https://172.17.0.1:5000/v2/": http: server gave HTTP response to HTTPS client\n'
    assert failed.exit == 1 and "daemon.json" in " ".join(failed.why)
    type_.ok("docker tag busybox 127.0.0.1:5000/bb:1")
    assert "Pushed" in type_.ok("docker push 127.0.0.1:5000/bb:1")
    assert "Layer already exists" in type_.ok("docker push 127.0.0.1:5000/bb:1")
    type_.ok("docker tag busybox 127.0.0.1:5000/other:1")
    assert "Mounted from bb" in type_.ok("docker push 127.0.0.1:5000/other:1")
    type_.ok("docker rmi 127.0.0.1:5000/bb:1")
    assert "Downloaded newer image" in type_.ok("docker pull 127.0.0.1:5000/bb:1")
    type_.ok("docker stop reg")
    assert "connect: connection refused" in type_("docker push 127.0.0.1:5000/bb:1").stderr
    type_.ok("docker start reg")
    assert "Layer already exists" in type_.ok("docker push 127.0.0.1:5000/bb:1")


def test_the_notes_bind_mount_saves_nothing_of_the_registry(type_: Typist) -> None:
    type_.ok("docker pull busybox")
    type_.ok("docker run -d -p 5000:5000 -v /cyo57/myregistry/:/tmp/registry --name reg registry")
    type_.ok("docker tag busybox 127.0.0.1:5000/bb:1")
    type_.ok("docker push 127.0.0.1:5000/bb:1")
    assert type_.ok("docker exec reg ls /tmp/registry") == ""
    tags = "/var/lib/registry/docker/registry/v2/repositories/bb/_manifests/tags"
    assert type_.ok(f"docker exec reg ls {tags}") == "1\n"
    (volume,) = type_.world.hosts[HOST].daemon.volumes.values()
    assert volume.anonymous and volume.files.is_dir("/docker/registry/v2/blobs/sha256")
    type_.ok("docker rm -f reg")
    type_.ok("docker run -d -p 5000:5000 --name reg registry")
    done = type_("docker pull 127.0.0.1:5000/bb:1")
    assert "manifest unknown" in done.stderr, "a new container has a new volume; the old one lies about, unused"
    assert len(type_.world.hosts[HOST].daemon.volumes) == 2


def test_a_bind_mount_at_the_right_place_keeps_what_the_registry_has(type_: Typist) -> None:
    type_.ok("docker pull busybox")
    run = "docker run -d -p 5000:5000 -v /srv/reg:/var/lib/registry --name reg registry"
    type_.ok(run)
    type_.ok("docker tag busybox 127.0.0.1:5000/bb:1")
    type_.ok("docker push 127.0.0.1:5000/bb:1")
    assert type_.world.hosts[HOST].files.is_dir("/srv/reg/docker/registry/v2/blobs")
    type_.ok("docker rm -f -v reg")
    type_.ok(run)
    assert "Digest: sha256:" in type_.ok("docker pull 127.0.0.1:5000/bb:1")


def test_the_cloud_wants_a_login_a_namespace_and_a_repository() -> None:
    cloud = "registry.cn-hangzhou.aliyuncs.com"
    type_ = Typist(with_account(new_world(["cyo57", "second"]), cloud, "ACCOUNT", "secret"))
    type_.ok("docker pull busybox")
    name = f"{cloud}/cyo57/app:1.0"
    type_.ok(f"docker tag busybox {name}")
    denied = "denied: requested access to the resource is denied\n"
    done = type_(f"docker push {name}")
    assert done.stderr == denied and "nobody is logged in" in " ".join(done.why)
    wrong = type_(f"docker login --username=ACCOUNT --password-stdin {cloud}", stdin=b"wrong")
    words = f'Error response from daemon: Get "https://{cloud}/v2/": unauthorized: authentication required\n'
    assert wrong.stderr == words
    done = type_(f"docker login --username=ACCOUNT {cloud}", tty=True, stdin=b"secret\n")
    assert done.stdout == "Password: \nLogin Succeeded\n" and "stored unencrypted" in done.stderr
    config = type_.world.hosts["cyo57"].files.read("/root/.docker/config.json")
    assert config is not None and b'"auth": "QUNDT1VOVDpzZWNyZXQ="' in config
    assert type_(f"docker push {name}").stderr == denied, "no namespace yet"
    type_.world = create_namespace(type_.world, "cyo57", "ACCOUNT")
    assert type_(f"docker push {name}").stderr == denied, "no repository yet"
    type_.world = create_repository(type_.world, "cyo57/app")
    assert "1.0: digest: sha256:" in type_.ok(f"docker push {name}")
    assert "pull access denied for" in type_(f"docker pull {name}", host="second").stderr
    type_.ok(f"docker login -u ACCOUNT --password-stdin {cloud}", host="second", stdin=b"secret")
    type_.ok("docker pull busybox", host="second")
    pulled = type_(f"docker pull {name}", host="second")
    assert "Downloaded newer image" in pulled.stdout and "Pulling fs layer" not in pulled.stdout
    type_.ok(f"docker logout {cloud}")
    assert type_(f"docker push {name}").stderr == denied


def test_another_host_pulls_from_the_private_registry() -> None:
    type_ = Typist(new_world(["cyo57", "second"]))
    type_.all("docker pull busybox\ndocker run -d -p 5000:5000 --name reg registry\n"
              "docker tag busybox 127.0.0.1:5000/bb\ndocker push 127.0.0.1:5000/bb")
    done = type_("docker pull 10.0.0.2:5000/bb", host="second")
    assert done.stderr == ('Error response from daemon: Get "https://10.0.0.2:5000/v2/": http: server gave HTTP '
                           "response to HTTPS client\n")
    assert "connection refused" in type_("docker pull 172.17.0.1:5000/bb", host="second").stderr, "its own docker0"
    host = type_.world.hosts["second"]
    raw = b'{"insecure-registries": ["10.0.0.0/24"]}'
    type_.world = type_.world.with_host(replace(host, files=host.files.written("/etc/docker/daemon.json", raw, 0)))
    type_.world, _ = reload(type_.world, "second")
    assert "Status: Downloaded newer image for 10.0.0.2:5000/bb:latest" in type_.ok(
        "docker pull 10.0.0.2:5000/bb", host="second")


def _with_files(type_: Typist, texts: dict[str, str], **changes: object) -> None:
    host = type_.world.hosts[HOST]
    files = host.files
    for path, text in texts.items():
        files = files.written(path, text.encode(), type_.world.clock)
    type_.world = type_.world.with_host(replace(host, files=files, **changes))  # type: ignore[arg-type]


def test_what_is_written_below_a_volume_is_lost_by_the_legacy_builder_and_kept_by_buildkit(type_: Typist) -> None:
    type_.ok("docker pull busybox")
    _with_files(type_, {"/root/ctx/Dockerfile": "FROM busybox\nVOLUME /v\nRUN mkdir -p /v && echo x > /v/y\n"})
    done = type_("docker build -t old ctx")
    assert done.exit == 0 and "is lost; BuildKit keeps it" in " ".join(done.why)
    assert type_.ok("docker run --rm old ls /v") == ""
    _with_files(type_, {}, env={"DOCKER_BUILDKIT": "1"})
    done = type_("docker build -t new ctx")
    assert "#5 [2/2] RUN mkdir -p /v && echo x > /v/y" in done.stderr
    assert "naming to docker.io/library/new done" in done.stderr
    assert type_.ok("docker run --rm new ls /v") == "y\n"
    assert "[2/2] RUN mkdir -p /v && echo x > /v/y\n" in type_("docker buildx build -t again ctx").stderr
    assert type_.ok("docker images -q new") == type_.ok("docker images -q again"), "taken from the cache"
    assert "buildkit.dockerfile.v0" in type_.ok("docker history new")
    before = len(type_.world.hosts[HOST].daemon.images)
    assert "ERROR: executor failed running [/bin/sh -c false]: exit code: 1" in type_(
        "docker build -", stdin=b"FROM busybox\nRUN false\n").stderr
    assert len(type_.world.hosts[HOST].daemon.images) == before, "no image in between"


def test_the_cache_of_the_legacy_builder(type_: Typist) -> None:
    type_.ok("docker pull busybox")
    text = "FROM busybox\nCOPY a /a\nRUN echo 1 > /one\n"
    _with_files(type_, {"/root/ctx/Dockerfile": text, "/root/ctx/a": "1"})
    type_.ok("docker build -t one ctx")
    assert type_.ok("docker build -t two ctx").count("Using cache") == 2
    _with_files(type_, {"/root/ctx/a": "2"})
    assert "Using cache" not in type_.ok("docker build -t three ctx"), "what follows a miss is not looked for"
    assert "Using cache" not in type_.ok("docker build --no-cache -t four ctx")
    _with_files(type_, {"/root/ctx/.dockerignore": "a\n"})
    assert "COPY failed: file not found in build context or excluded by .dockerignore: stat a" in type_(
        "docker build ctx").stderr


def test_a_mirror_stands_in_for_docker_io_alone(type_: Typist) -> None:
    type_.all("docker pull busybox\ndocker run -d -p 5000:5000 --name reg registry\n"
              "docker tag busybox 127.0.0.1:5000/library/busybox\ndocker push 127.0.0.1:5000/library/busybox\n"
              "docker rmi busybox 127.0.0.1:5000/library/busybox")
    host = type_.world.hosts[HOST]
    raw = b'{"registry-mirrors": ["https://nosuch.mirror.test", "http://127.0.0.1:5000"]}'
    type_.world = type_.world.with_host(replace(host, files=host.files.written("/etc/docker/daemon.json", raw, 0)))
    type_.world, _ = reload(type_.world, HOST)
    done = type_("docker pull busybox")
    assert done.exit == 0 and "it came from the mirror http://127.0.0.1:5000" in " ".join(done.why)
    done = type_("docker pull alpine")
    assert done.exit == 0 and "so docker.io was asked" in " ".join(done.why)


def test_an_archive_goes_into_a_file_and_not_to_a_terminal(type_: Typist) -> None:
    type_.ok("docker pull busybox")
    refused = docker(type_.world, HOST, ["save", "busybox"], tty=True)
    assert refused.stderr == "cowardly refusing to save to a terminal. Use the -o flag or redirect\n"
    saved = docker(type_.world, HOST, ["save", "busybox"], tty=True, redirected=True)
    assert saved.exit == 0 and saved.data is not None and saved.data.size > 4_000_000
    line = run_line(type_.world, HOST, "docker save busybox > b.tar; docker rmi -f busybox; docker load < b.tar")
    assert line.text.endswith("Loaded image: busybox:latest\n")
    flags = run_line(type_.world, HOST, "docker pull alpine | cat", tty=True)
    assert "Verifying Checksum" in flags.text, "into a pipe every state is a line"


def test_save_keeps_who_is_whose_parent(type_: Typist) -> None:
    type_.all("docker pull busybox\ndocker run --name cc busybox sh -c 'echo 1 > /f'\ndocker commit cc mine\n"
              "docker save -o /tmp/s.tar busybox mine\ndocker rm cc\ndocker rmi mine busybox")
    assert type_.ok("docker load -i /tmp/s.tar") == "Loaded image: busybox:latest\nLoaded image: mine:latest\n"
    assert type_.ok("docker history -q mine").splitlines()[1] == type_.ok("docker images -q busybox").strip()


def test_the_containerd_store_shows_other_ids_and_sizes(type_: Typist) -> None:
    type_.ok("docker pull busybox")
    old = type_.ok("docker images -q")
    host = type_.world.hosts[HOST]
    raw = b'{"features": {"containerd-snapshotter": true}}'
    type_.world = type_.world.with_host(replace(host, files=host.files.written("/etc/docker/daemon.json", raw, 0)))
    type_.world, _ = reload(type_.world, HOST)
    assert type_.ok("docker images -q") == old, "a reload does not change the storage driver"
    type_.world, _ = restart(type_.world, HOST)
    head, row = type_.ok("docker images").splitlines()
    assert head.split() == ["IMAGE", "ID", "DISK", "USAGE", "CONTENT", "SIZE", "EXTRA"]
    assert row.split()[:2] == ["busybox:latest", "b0ed32008285"], "the manifest's digest"
    new = type_.ok("docker images -q").strip()
    assert new != old.strip() and type_.ok(f"docker history -q {new}") and type_.ok(f"docker run --rm {new} true") == ""


def test_a_terminal_goes_into_a_container_and_out_again() -> None:
    type_ = Typist()
    done = type_("docker run -it --name cc busybox sh", tty=True)
    assert done.attached is not None and done.attached.main
    at = done.attached
    step = typed(done.world, at, ("sh", "-c", "echo hi > /root/x"))
    assert step.attached is not None
    out = leave(step.world, step.attached, 3)
    daemon = out.world.hosts[HOST].daemon
    (container,) = daemon.containers.values()
    assert (container.state, container.exit_code, container.root.read("/root/x")) == ("exited", 3, b"hi\n")


def test_a_command_leaves_the_world_that_it_was_given() -> None:
    world = new_world()
    after = docker(world, HOST, ["pull", "busybox"]).world
    assert not world.hosts[HOST].daemon.images and after.hosts[HOST].daemon.images and world != after
    assert docker(world, HOST, ["pull", "busybox"]).world == after, "equal commands from equal worlds give equal worlds"


def test_what_has_no_effect_is_said(type_: Typist) -> None:
    done = type_("docker run -d --name web -m 512m --cpus 1 busybox sleep 1000")
    assert done.exit == 0
    assert "layerlab: not simulated, so that nothing limits this container: --memory, --cpus" in done.stderr
    for flag in ("--since 1m", "--until 1m", "-t"):
        assert "is not simulated: leave it out" in type_(f"docker logs {flag} web").stderr
    assert type_.ok("docker logs web") == ""
