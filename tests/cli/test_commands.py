"""What each command says of a good image: text, JSON, exit code."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from sim.cli import COMMANDS

ENTRY_KEYS = {"t", "mode", "uid", "gid", "mtime", "mtime_ns", "layer"}
FILE_KEYS = ENTRY_KEYS | {"size", "nlink", "sha256"}


def whole(*argv: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run `sim` as a process."""
    home = str(Path(__file__).parents[2])
    return subprocess.run(
        [sys.executable, "-m", "sim", *argv], capture_output=True, check=False, cwd=home,
        env=os.environ | {"PYTHONPATH": home} | environment,
    )


# ---- inspect -------------------------------------------------------------------------------------------------


def test_inspect_json_is_what_the_bytes_are(sim, image: str, make: SimpleNamespace) -> None:
    document = sim.json("inspect", image)
    tars = [make.tar_of(make.base), make.tar_of(make.top)]
    diff_ids = [f"sha256:{hashlib.sha256(tar).hexdigest()}" for tar in tars]
    chain = hashlib.sha256(" ".join(diff_ids).encode()).hexdigest()
    assert [layer["diffID"] for layer in document["layers"]] == diff_ids
    assert [layer["chainID"] for layer in document["layers"]] == [diff_ids[0], f"sha256:{chain}"]
    assert [layer["tar"] for layer in document["layers"]] == list(map(len, tars))
    assert [layer["entries"] for layer in document["layers"]] == [len(make.base), len(make.top)]
    assert [layer["created_by"] for layer in document["layers"]] == ["step 1", "step 2"]
    assert [item["created_by"] for item in document["history"]] == ["step 1", "step 2"]
    assert document["manifest"]["mediaType"] == "application/vnd.oci.image.manifest.v1+json"
    # Hidden: etc/motd of 6 bytes and opt/old/file of 100. Shown twice, stored once: usr/bin/sh of 4.
    assert document["totals"] == {"paths": 18, "live_bytes": 11 + 4 + 9 + 2 + 7 + 3, "stored_bytes": 36 + 106}


def test_inspect_names_what_a_docker_save_lacks(sim, tmp_path: Path, make: SimpleNamespace) -> None:
    tar = make.tar_of(make.base)
    diff_id = hashlib.sha256(tar).hexdigest()
    config = json.dumps({
        "architecture": "arm64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [f"sha256:{diff_id}"]},
    }).encode()
    name = hashlib.sha256(config).hexdigest()
    manifest = [{"Config": f"{name}.json", "RepoTags": ["app:1"], "Layers": ["a/layer.tar"]}]
    path = tmp_path / "saved.tar"
    path.write_bytes(make.tar_of([
        make.file(f"{name}.json", config), make.file("a/layer.tar", tar),
        make.file("manifest.json", json.dumps(manifest).encode()),
    ]))
    document = sim.json("inspect", str(path))
    assert document["manifest"] is None
    assert document["layers"][0]["digest"] == document["layers"][0]["diffID"] == f"sha256:{diff_id}"
    assert document["config"]["digest"] == f"sha256:{name}"
    assert document["platform"] == "linux/arm64"
    assert "docker-save archive has none" in sim("inspect", str(path))[1]


def test_inspect_in_words(sim, image: str) -> None:
    code, out, err = sim("inspect", image)
    lines = out.splitlines()
    assert (code, err) == (0, "")
    assert "linux/amd64" in lines[0]
    head = next(number for number, line in enumerate(lines) if line.startswith("layer"))
    assert lines[head].split() == ["layer", "digest", "size", "tar", "entries", "created", "by"]
    assert [line.split()[0] for line in lines[head + 1 : head + 3]] == ["1", "2"], "base first, from 1"
    assert "merged view: 18 paths, 36B in files" in out
    assert "stored: 142B in the files of 2 layers; 106B of it (74.6%) is wasted" in out


def test_inspect_without_waste_says_so(sim, tmp_path: Path, make: SimpleNamespace) -> None:
    path = make.layout().image([make.file("a", b"x")]).save(tmp_path / "i.tar")
    assert "nothing of it is hidden" in sim("inspect", path)[1]


def test_inspect_calls_a_sample_synthetic(sim, image: str) -> None:
    layer = sim.json("inspect", "sample:ubuntu")["layers"][0]
    assert layer["advertised_size"] == 28_615_147, "the compressed layer of the ubuntu it stands for"
    assert layer["size"] > layer["tar"] > layer["advertised_size"]
    out = sim("inspect", "sample:ubuntu")[1]
    assert "synthetic: " in out and "28.6MB" in out
    assert "synthetic" not in sim("inspect", image)[1]
    assert "advertised_size" not in sim.json("inspect", image)["layers"][0]


# ---- ls ------------------------------------------------------------------------------------------------------


def test_ls_json_has_all_that_stat_shows(sim, image: str) -> None:
    listing = sim.json("ls", "-R", image)
    assert len(listing) == 18 and "" not in listing and "opt/old" not in listing
    assert {key for row in listing.values() for key in row} == FILE_KEYS | {"link", "rdev", "xattr"}
    assert listing["etc/motd"] == {
        "t": "f", "mode": "0o644", "uid": 0, "gid": 0, "mtime": 1_700_000_001, "mtime_ns": 1_700_000_001_250_000_000,
        "layer": 2, "size": 9, "nlink": 1, "sha256": hashlib.sha256(b"changed!\n").hexdigest(),
    }
    assert listing["bin"]["link"] == "usr/bin" and set(listing["bin"]) == ENTRY_KEYS | {"link"}
    assert listing["dev/null"]["rdev"] == [1, 3] and listing["dev/null"]["t"] == "c"
    assert listing["dev/pipe"]["t"] == "p" and set(listing["dev/pipe"]) == ENTRY_KEYS
    assert listing["usr/bin/sh"]["nlink"] == listing["usr/bin/ash"]["nlink"] == 2
    assert listing["opt/cap"]["xattr"] == {"user.note": b"hi".hex()}
    assert listing["etc/passwd"]["mode"] == "0o600" and listing["etc/passwd"]["uid"] == 1
    assert "caf\udce9" in listing, "a byte that is no UTF-8 is a lone surrogate"
    assert listing["tmp"]["mode"] == "0o755" and listing["tmp"]["layer"] == 2, "an implied directory"


LISTED = [
    # path, names, claim
    ("/etc", ["motd", "passwd"], "a directory lists what is in it"),
    ("etc/", ["motd", "passwd"], "the leading slash may be missing"),
    ("/bin", ["bin"], "a link lists itself"),
    ("/bin/", ["ash", "sh"], "with a slash at its end it is followed"),
    ("/bin/sh", ["sh"], "links on the way are followed"),
    ("/etc/../../etc/motd", ["motd"], "dot-dot at the root is the root"),
    ("/opt/", ["cap"], "what is hidden is not listed"),
    ("/", ["bin", "caf\udce9", "dev", "etc", "gone", "loop", "opt", "tmp", "usr"], "the root"),
]


@pytest.mark.parametrize(("path", "names", "claim"), LISTED, ids=[claim for *_, claim in LISTED])
def test_ls_lists(sim, image: str, path: str, names: list[str], claim: str) -> None:
    assert [name.rpartition("/")[2] for name in sim.json("ls", image, path)] == names


def test_ls_in_words(sim, image: str) -> None:
    code, out, _ = sim("ls", image, "/usr/bin")
    assert code == 0
    assert [line.split() for line in out.splitlines()] == [
        ["layer", "mode", "links", "owner", "size", "modified", "(UTC)", "name"],
        ["1", "-rwsr-xr-x", "2", "0:0", "4", "2023-11-14", "22:13", "ash"],
        ["1", "-rwsr-xr-x", "2", "0:0", "4", "2023-11-14", "22:13", "sh"],
    ], "two names of one inode differ in their names alone"
    rows = sim("ls", "-R", "-l", image)[1].splitlines()
    assert any(row.endswith("bin -> usr/bin") for row in rows)
    assert any("1, 3" in row and row.endswith("dev/null") for row in rows)
    assert any(row.endswith("caf\\xe9") for row in rows)
    assert any(row.endswith("tmp/\\x1b[2J") for row in rows), "a name cannot rewrite the screen"


def test_an_empty_directory_lists_nothing(sim, tmp_path: Path, make: SimpleNamespace) -> None:
    path = make.layout().image([make.folder("empty")]).save(tmp_path / "i.tar")
    assert sim("ls", path, "/empty") == (0, "", "")
    assert sim.json("ls", path, "/empty") == {}


@pytest.mark.parametrize("seconds", ["-1.5", "99999999999999"])
def test_times_out_of_any_calendar_are_shown(sim, tmp_path: Path, make: SimpleNamespace, seconds: str) -> None:
    layer = [make.file("odd", pax_headers={"mtime": seconds})]
    path = make.layout().image(layer).save(tmp_path / "i.tar")
    assert sim("ls", path)[0] == 0
    assert sim.json("ls", path)["odd"]["mtime"] == int(float(seconds) // 1)


# ---- cat -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "data"),
    [("/etc/motd", b"changed!\n"), ("bin/sh", b"#!sh"), ("/bin/ash", b"#!sh"), ("caf\udce9", b"\xff\x00")],
)
def test_cat_writes_the_bytes(image: str, path: str, data: bytes, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    from sim.cli import main

    assert main(["cat", image, path]) == 0
    assert capfdbinary.readouterr() == (data, b"")


NOT_READABLE = [
    # path, words
    ("/etc", "Is a directory"),
    ("/etc/nothing", "No such file or directory"),
    ("/etc/motd/x", "Not a directory"),
    ("/loop", "Too many levels of symbolic links"),
    ("/gone", "No such file or directory"),
    ("/opt/old/file", "No such file or directory"),
    ("/" + "x" * 256, "File name too long"),
    ("/dev/pipe", "a named pipe holds no bytes"),
    ("/dev/null", "a character device holds no bytes"),
]


@pytest.mark.parametrize(("path", "words"), NOT_READABLE, ids=[path[:20] for path, _ in NOT_READABLE])
def test_cat_says_in_the_kernels_words_why_not(sim, image: str, path: str, words: str) -> None:
    assert words in sim.refused("cat", image, path, code=1)


# ---- why -----------------------------------------------------------------------------------------------------

REASONS = [
    # path, errno, layer, what the layers said, claim
    ("/etc/motd", None, 2, ["found"], "the topmost layer that has it"),
    ("/etc/passwd", None, 1, ["nothing", "found"], "a layer that says nothing is passed over"),
    ("/bin/sh", None, 1, ["symlink", "nothing", "found"], "links on the way are followed"),
    ("/opt/old", "ENOENT", 2, ["whiteout"], "a whiteout ends the search"),
    ("/opt/old/file", "ENOENT", 2, ["whiteout"], "and that of an ancestor too"),
    ("/etc/motd/x", "ENOTDIR", 2, ["blocked"], "a file is on the way"),
    ("/nothing", "ENOENT", None, ["nothing", "nothing"], "nobody has it"),
]


@pytest.mark.parametrize(("path", "errno", "layer", "said", "claim"), REASONS, ids=[row[-1] for row in REASONS])
def test_why_json(
    sim, image: str, path: str, errno: str | None, layer: int | None, said: list[str], claim: str
) -> None:
    document = sim.json("why", image, path, code=1 if errno else 0)
    assert set(document) >= {"path", "found", "errno", "layer", "rule", "trace", "words"}
    assert (document["errno"], document["layer"], document["found"]) == (errno, layer, errno is None)
    assert [step["said"] for step in document["trace"]] == said
    assert all(set(step) >= {"layer", "said", "rule"} for step in document["trace"])
    assert document["rule"] and document["words"].startswith(path)


def test_why_in_words(sim, image: str) -> None:
    code, out, err = sim("why", image, "/opt/old/file")
    assert (code, err) == (1, "")
    assert out.splitlines() == [
        "/opt/old/file", "layer     said", "    2  ✗  has a whiteout on /opt/old",
        "rule: a whiteout of /opt/old hides it and everything below it in lower layers", "nothing there: ENOENT",
    ]
    assert "there, from layer 1" in sim("why", image, "bin/sh")[1]


# ---- diff ----------------------------------------------------------------------------------------------------


def test_diff_names_what_differs(sim, tmp_path: Path, make: SimpleNamespace) -> None:
    old = make.layout().image([make.file("a", b"1"), make.file("b", b"2"), make.file("c", b"3", mode=0o600)])
    new = make.layout().image([make.file("a", b"1"), make.file("c", b"33"), make.file("d\udcff")])
    paths = old.save(tmp_path / "old.tar"), new.save(tmp_path / "new.tar")
    assert sim.json("diff", *paths, code=1) == {
        "added": ["d\udcff"], "changed": ["c"], "deleted": ["b"], "fields": {"c": ["mode", "content"]},
    }
    assert sim("diff", *paths) == (1, "D /b\nC /c   (mode, content)\nA /d\\xff\n", "")


def test_diff_compares_merged_views_and_not_layers(sim, tmp_path: Path, image: str, make: SimpleNamespace) -> None:
    one = [item for item in make.base if not item[0].name.startswith(("opt/old", "etc/motd"))]
    two = [item for item in make.top if ".wh." not in item[0].name]
    squashed = make.layout().image([*one, *two]).save(tmp_path / "squashed.tar")
    assert sim.json("diff", image, squashed) == {"added": [], "changed": [], "deleted": [], "fields": {}}
    assert sim("diff", image, squashed) == (0, "", "")


def test_a_broken_hard_link_is_a_difference(sim, tmp_path: Path, make: SimpleNamespace) -> None:
    linked = make.layout().image([make.file("a", b"1"), make.hard("b", "a")]).save(tmp_path / "1.tar")
    copied = make.layout().image([make.file("a", b"1"), make.file("b", b"1")]).save(tmp_path / "2.tar")
    assert sim.json("diff", linked, copied, code=1)["fields"] == {"a": ["links"], "b": ["links"]}


# ---- validate ------------------------------------------------------------------------------------------------


def test_a_whole_image_is_valid(sim, image: str) -> None:
    document = sim.json("validate", image)
    assert (document["ok"], document["errors"]) == (True, [])
    assert {remark["code"] for remark in document["remarks"]} == {"not-utf8"}
    code, out, err = sim("validate", image)
    assert (code, err) == (0, "")
    assert out.splitlines()[0].startswith("remark  layer 2, not-utf8: ") and "(/caf\\xe9)" in out
    assert out.splitlines()[-1] == f"{image}: valid: every digest and size matches; 1 remark"


def test_validate_names_all_that_does_not_match(sim, tmp_path: Path, make: SimpleNamespace) -> None:
    layout = make.layout().image(make.base, make.top)
    layers = json.loads(layout.blobs[layout.manifests[0]["digest"][7:]])["layers"]
    first, second = (layer["digest"][7:] for layer in layers)
    layout.blobs[first] += b"x"
    del layout.blobs[second]
    path = layout.save(tmp_path / "bad.tar")
    document = sim.json("validate", path, code=1)
    assert not document["ok"]
    assert all(set(error) == {"what", "where", "expected", "found"} for error in document["errors"])
    whats = [error["what"] for error in document["errors"]]
    assert {"size does not match", "digest does not match", "blob is missing"} <= set(whats)
    size = next(error for error in document["errors"] if error["what"] == "size does not match")
    assert int(size["found"]) == int(size["expected"]) + 1
    code, out, err = sim("validate", path)
    assert (code, err) == (1, "")
    assert out.count("error   ") == len(whats) and out.splitlines()[-1].startswith(f"{path}: {len(whats)} errors")


def test_validate_tells_who_would_refuse_what_is_accepted(sim, tmp_path: Path, make: SimpleNamespace) -> None:
    layer = [make.file(name) for name in ("../up", "/abs", "twice", "twice")]
    path = make.layout().image(layer, *([make.file("f")] for _ in range(125))).save(tmp_path / "odd.tar")
    document = sim.json("validate", path)
    found = {remark["code"]: remark for remark in document["remarks"]}
    assert document["ok"] and {"dotdot", "absolute", "duplicate", "layers"} <= set(found)
    assert found["duplicate"]["path"] == "twice" and "dockerd overlay2" in found["duplicate"]["engines"]
    assert found["layers"]["layer"] is None
    assert "not as the specification says: dockerd overlay2" in sim("validate", path)[1]


def test_a_sample_is_valid(sim) -> None:
    assert sim.json("validate", "sample:hello-world")["ok"]


# ---- convert -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["docker", "oci", "oci-dir"])
def test_convert_there_and_back(sim, image: str, tmp_path: Path, form: str) -> None:
    there, back = str(tmp_path / "there"), str(tmp_path / "back.tar")
    code, out, err = sim("convert", image, there, "--to", form)
    assert (code, err) == (0, "") and "2 layers" in out and there in out
    assert sim("convert", there, back, "--to", "docker")[0] == 0
    assert not any(sim.json("diff", image, back).values())
    ids = [[layer["diffID"] for layer in sim.json("inspect", path)["layers"]] for path in (image, there, back)]
    assert ids[0] == ids[1] == ids[2]


@pytest.mark.parametrize("form", ["docker", "oci"])
def test_a_second_conversion_gives_identical_bytes(sim, image: str, tmp_path: Path, form: str) -> None:
    one, two = tmp_path / "one.tar", tmp_path / "two.tar"
    assert sim("convert", image, str(one), "--to", form)[0] == sim("convert", image, str(two), "--to", form)[0] == 0
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize("how", ["none", "gzip"])
def test_layers_are_stored_as_asked(sim, image: str, tmp_path: Path, how: str) -> None:
    path = str(tmp_path / "out.tar")
    assert sim("convert", image, path, "--to", "oci", "--compression", how)[0] == 0
    suffix = "" if how == "none" else f"+{how}"
    types = {layer["mediaType"] for layer in sim.json("inspect", path)["layers"]}
    assert types == {f"application/vnd.oci.image.layer.v1.tar{suffix}"}


# ---- the frame -----------------------------------------------------------------------------------------------


def test_help_names_every_command(sim) -> None:
    code, out, err = sim("--help")
    assert (code, err) == (0, "")
    assert all(f"\n  {name} " in out for name in COMMANDS)
    assert sim() == (2, "", out)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(sim, command: str) -> None:
    code, out, err = sim(command, "--help")
    assert (code, err) == (0, "")
    if command == "docker":
        # All that follows it is docker's, --help too.
        assert out.startswith("\nUsage:  docker [OPTIONS] COMMAND\n")
    else:
        assert f"usage: sim {command}" in out and "examples:" in out


def test_only_commands_that_work_are_offered() -> None:
    modules = {path.stem.removeprefix("cmd_") for path in (Path(__file__).parents[2] / "sim/cli").glob("cmd_*.py")}
    assert modules == set(COMMANDS)


def test_the_version(sim) -> None:
    import sim as package

    assert sim("--version") == (0, f"sim {package.__version__}\n", "")


@pytest.mark.parametrize("encoding", ["gbk", "ascii", "cp1252", "utf-8"])
def test_any_terminal_can_show_any_image(image: str, encoding: str) -> None:
    for argv in (("inspect", image), ("ls", "-R", image), ("why", image, "/opt/old"), ("ls", image, "--json")):
        run = whole(*argv, PYTHONIOENCODING=encoding, PYTHONUTF8="0")
        assert run.returncode == (1 if argv[0] == "why" else 0) and run.stderr == b""
        run.stdout.decode(encoding)


def test_a_reader_that_goes_away_is_no_error(image: str) -> None:
    home = str(Path(__file__).parents[2])
    child = subprocess.Popen(
        [sys.executable, "-m", "sim", "ls", "-R", image, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        cwd=home,
    )
    assert child.stdout is not None and child.stderr is not None
    child.stdout.close()
    with child.stderr:
        assert child.stderr.read() == b""
    assert child.wait() in (0, 141)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_full_disk_behind_the_output_is_one_line(image: str) -> None:
    with open("/dev/full", "wb") as full:
        run = subprocess.run(
            [sys.executable, "-m", "sim", "ls", image], stdout=full, stderr=subprocess.PIPE, check=False,
            cwd=Path(__file__).parents[2],
        )
    assert run.returncode == 2
    assert run.stderr.decode() == "sim: No space left on device\n"


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell closes streams")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&-"])
def test_closed_streams_are_no_fault(image: str, closed: str) -> None:
    for command, code in ((f"inspect {image}", 0), ("inspect no-such-file", 2)):
        run = subprocess.run(
            f"exec {sys.executable} -m sim {command} {closed}", shell=True, check=False, capture_output=True,
            cwd=Path(__file__).parents[2],
        )
        assert run.returncode == code and b"Traceback" not in run.stderr


def test_an_interrupt_is_quiet(sim, image: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*args: object, **more: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.cli.image.open_image", interrupted)
    assert sim("inspect", image) == (130, "", "")


def test_a_fault_of_ours_is_called_one(sim, image: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **more: object) -> None:
        raise KeyError("surprise")

    monkeypatch.setattr("sim.cli.image.open_image", broken)
    code, out, err = sim("inspect", image)
    assert (code, out) == (2, "") and "fault of the program" in err and err.count("\n") == 1
    monkeypatch.setenv("LAYERLAB_DEBUG", "1")
    with pytest.raises(KeyError):
        sim("inspect", image)
