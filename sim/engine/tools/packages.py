"""apt-get, dpkg and apk: files that come and go as the real packages' do, so that a commit's size is the real story.

    apt-get update             19 MB of lists in /var/lib/apt/lists, and in the layer
    apt-get install -y vim     41 MB of files
    rm -rf /var/lib/apt/lists  in the same layer: gone; in a later one: a whiteout, and 19 MB stay below
"""

from __future__ import annotations

from ...content.data import Data
from ...errors import FsError
from ...fs.entry import Entry, Kind
from ...image.samples import change_sets
from ...image.synthetic import Look, Synthetic
from ...union.overlay import OverlayMount
from ..sh.flags import Usage
from ..sh.process import Process
from .catalogue import APK, APK_INDEXES, APT, LISTS, VIM, Package, closure

LIST_FOLDER = "/var/lib/apt/lists"
_MIRROR = "deb.debian.org_debian_dists_bookworm"
_INSTALL_NS = 400_000_000


def _put(p: Process, path: str, data: Data | bytes, mode: int = 0o644) -> None:
    at = ""
    for part in path.strip("/").split("/")[:-1]:
        at += f"/{part}"
        if not p.files.is_dir(at):
            p.files.mkdir(at, 0o755)
    if p.files.find(path, follow=False) is not None:
        # Package managers write aside and rename: a link of this name, such as one to BusyBox, gives way.
        p.files.unlink(path)
    p.files.write(path, data, mode=mode)
    if mode & 0o022 or mode & 0o111:
        p.files.chmod(path, mode)


def _made_up(path: str, size: int, look: Look = Look.BINARY) -> Data:
    return Synthetic("layerlab packages", path.strip("/"), size, look)


def _place(p: Process, one: Package) -> None:
    """Put a package's files into the tree: its programs, a copyright, and as many others as it has."""
    others = max(0, one.files - len(one.programs) - 1)
    each, left = divmod(one.size, max(1, len(one.programs) * 3 + others + 1))
    sizes = [each * 3] * len(one.programs) + [each] * (others + 1)
    sizes[-1] += one.size - sum(sizes)
    assert left >= 0
    for path, size in zip(one.programs, sizes, strict=False):
        _put(p, f"/{path}", _made_up(path, size), 0o755)
    rest = sizes[len(one.programs):]
    for number, size in enumerate(rest[:others], 1):
        path = f"usr/share/{one.name}/sample-{number:03}"
        _put(p, f"/{path}", _made_up(path, size))
    path = f"usr/share/doc/{one.name}/copyright"
    _put(p, f"/{path}", _made_up(path, rest[-1], Look.TEXT))


# -- apt


def apt(p: Process) -> int:
    """`apt-get update|install|remove|purge|clean|autoremove|upgrade`, `apt` and `apt-cache policy` alike."""
    words = [word for word in p.args if not word.startswith("-")]
    verb, names = (words[0], words[1:]) if words else ("", [])
    if verb in ("update", "install", "remove", "purge", "clean", "autoremove", "upgrade", "autoclean", "list"):
        if p.facts.uid:
            p.stderr.write(b"E: Could not open lock file /var/lib/apt/lists/lock - open (13: Permission denied)\n")
            return 100
        return {"update": _update, "install": _install, "remove": _remove, "purge": _remove}.get(verb, _quiet)(p, names)
    if p.name == "apt-cache" or verb in ("search", "show", "policy"):
        for name in names:
            if name in APT:
                p.line(f"{name}:\n  Candidate: {APT[name].version}")
        return 0
    raise Usage(f"E: Invalid operation {verb[:40]}" if verb else "give an operation, such as: apt-get update")


def _update(p: Process, names: list[str]) -> int:
    if not p.files.is_dir("/etc/apt"):
        p.stderr.write(b"E: The list of sources could not be read.\n")
        return 100
    total = 0
    hosts = ("Get:1 http://deb.debian.org/debian bookworm InRelease [151 kB]",
             "Get:2 http://deb.debian.org/debian bookworm-updates InRelease [55.4 kB]",
             "Get:3 http://deb.debian.org/debian-security bookworm-security InRelease [34.8 kB]",
             "Get:4 http://deb.debian.org/debian bookworm/main amd64 Packages [8792 kB]")
    there = p.files.find(f"{LIST_FOLDER}/{_MIRROR}_InRelease") is not None
    for line in hosts:
        p.line(line.replace("Get", "Hit").partition(" [")[0] if there else line)
    for name, size in LISTS:
        path = f"{LIST_FOLDER}/{_MIRROR}-{name}" if name.startswith(("security", "updates")) else (
            f"{LIST_FOLDER}/{_MIRROR}_{name}")
        if p.files.find(path) is None:
            _put(p, path, _made_up(path, size, Look.PACKED))
            total += size
    if not there:
        p.line("Fetched 9355 kB in 2s (5120 kB/s)")
    p.line("Reading package lists... Done")
    p.spend(2_000_000_000)
    return 0


def installed(p: Process, name: str) -> bool:
    """Whether dpkg has a package, by the list of its files."""
    return p.files.find(f"/var/lib/dpkg/info/{name}.list") is not None or (
        p.files.find(f"/var/lib/dpkg/info/{name}:amd64.list") is not None)


def _size(count: int) -> str:
    for unit, factor in (("MB", 1_000_000), ("kB", 1000)):
        if count >= factor:
            value = count / factor
            return f"{value:.1f} {unit}" if value < 100 and unit == "MB" else f"{value:.0f} {unit}"
    return f"{count} B"


def _install(p: Process, names: list[str]) -> int:
    p.line("Reading package lists... Done\nBuilding dependency tree... Done\nReading state information... Done")
    listed = p.files.find(f"{LIST_FOLDER}/{_MIRROR}_main_binary-amd64_Packages.lz4") is not None
    wanted = [name.partition("=")[0].partition("/")[0] for name in names]
    for name in wanted:
        if not (listed and name in APT) and not installed(p, name):
            p.stderr.write(f"E: Unable to locate package {name}\n".encode("utf-8", "surrogateescape"))
            if listed:
                p.stderr.write(b"(or one that is not in the simulator's small catalogue)\n")
            return 100
    for name in wanted:
        if installed(p, name):
            p.line(f"{name} is already the newest version ({APT[name].version if name in APT else '1'}).")
    chosen = [one for one in closure(APT, wanted) if not installed(p, one.name)]
    extra = sorted(one.name for one in chosen if one.name not in wanted)
    if extra:
        p.line("The following additional packages will be installed:\n  " + " ".join(extra))
    if chosen:
        p.line("The following NEW packages will be installed:\n  " + " ".join(sorted(one.name for one in chosen)))
    p.line(f"0 upgraded, {len(chosen)} newly installed, 0 to remove and 0 not upgraded.")
    if not chosen:
        return 0
    size = sum(one.size for one in chosen) + (41_000_000 if any(one.name in VIM for one in chosen) else 0)
    p.line(f"Need to get {_size(sum(one.download for one in chosen))} of archives.")
    p.line(f"After this operation, {_size(size)} of additional disk space will be used.")
    if not _agreed(p):
        return 1
    return _unpacked(p, chosen)


def _agreed(p: Process) -> bool:
    if any(word.startswith("-") and not word.startswith("--") and "y" in word for word in p.args) or (
            {"--yes", "--assume-yes"} & set(p.args)):
        return True
    p.out("Do you want to continue? [Y/n] ")
    answer = (p.stdin.line() or b"").strip().lower()
    if answer in (b"y", b"yes") or (not answer and p.stdin.data is None and p.facts.tty):
        p.line("y" if not answer else "")
        return True
    p.line("Abort.")
    return False


def _unpacked(p: Process, chosen: list[Package]) -> int:
    for number, one in enumerate(chosen, 1):
        p.line(f"Get:{number} http://deb.debian.org/debian bookworm/main amd64 {one.name} amd64 {one.version} "
               f"[{_size(one.download)}]")
    if not p.env.get("DEBIAN_FRONTEND"):
        p.stderr.write(b"debconf: delaying package configuration, since apt-utils is not installed\n")
    measured = any(one.name in VIM for one in chosen)
    if measured:
        _vim(p)
    for one in chosen:
        p.line(f"Selecting previously unselected package {one.name}.\nUnpacking {one.name} ({one.version}) ...")
        if one.name not in VIM:
            _place(p, one)
            path = f"var/lib/dpkg/info/{one.name}.list"
            _put(p, f"/{path}", "".join(f"/{program}\n" for program in one.programs).encode() or b"/.\n")
    for one in chosen:
        p.line(f"Setting up {one.name} ({one.version}) ...")
    if not measured:
        _put(p, "/var/lib/dpkg/status-old", _made_up("var/lib/dpkg/status-old", 90_000, Look.TEXT))
    p.spend(_INSTALL_NS * len(chosen))
    return 0


def _vim(p: Process) -> None:
    """Put the measured layer of vim into the tree, but for what it says of the package lists."""
    line = p.files.line("/usr")
    changes = change_sets("ubuntu")["vim"].entries
    before = p.files.fs(line.key)
    wanted = {path: entry for path, entry in changes.items() if not path.startswith(LIST_FOLDER[1:])}
    p.files.put_fs(line.key, _applied(before, wanted))
    p.shell.shared.said_at = p.shell.shared.clock


def _applied(fs: OverlayMount, entries: dict[str, Entry]) -> OverlayMount:
    """Make entries in a mount, one operation each, as dpkg does."""
    for path, entry in entries.items():
        at = f"/{path}"
        if entry.kind is Kind.DIRECTORY:
            made, report = fs.mkdir(at, entry.mode & 0o1777)
            fs = made if not report.errno else fs
            continue
        if not fs.lstat(at)[1].errno:
            fs = fs.unlink(at)[0]
        if entry.kind is Kind.SYMLINK:
            fs, report = fs.symlink(entry.target or "", at)
        else:
            assert entry.data is not None
            fs, report = fs.put(at, entry.data, entry.mode)
            fs = fs.chmod(at, entry.mode)[0] if entry.mode & 0o022 else fs
        report.check()
    return fs


def _remove(p: Process, names: list[str]) -> int:
    p.line("Reading package lists... Done\nBuilding dependency tree... Done\nReading state information... Done")
    gone = [name for name in names if installed(p, name)]
    for name in names:
        if name not in gone:
            p.line(f"Package '{name}' is not installed, so not removed")
    if gone and not _agreed(p):
        return 1
    for name in gone:
        p.line(f"Removing {name} ...")
        for path in _files_of(name):
            if p.files.find(path, follow=False) is not None:
                p.files.unlink(path)
        for suffix in (".list", ".md5sums"):
            if p.files.find(f"/var/lib/dpkg/info/{name}{suffix}") is not None:
                p.files.unlink(f"/var/lib/dpkg/info/{name}{suffix}")
    return 0


def _files_of(name: str) -> list[str]:
    if name in VIM:
        marks = {"vim-runtime": "usr/share/vim/", "vim": "usr/bin/vim.basic", "vim-common": "usr/bin/helpztags"}
        mark = marks.get(name, f"/{name.rstrip('0123456789')}")
        return [f"/{path}" for path, entry in change_sets("ubuntu")["vim"].entries.items()
                if mark in path and entry.kind is not Kind.DIRECTORY]
    one = APT[name] if name in APT else Package(name, "", 0, 0, 0)
    return [*(f"/{path}" for path in one.programs), f"/usr/share/doc/{name}/copyright",
            *(f"/usr/share/{name}/sample-{number:03}" for number in range(1, one.files))]


def _quiet(p: Process, names: list[str]) -> int:
    words = [word for word in p.args if not word.startswith("-")]
    if words[0] in ("clean", "autoclean"):
        for name in p.files.readdir("/var/cache/apt/archives") if p.files.is_dir("/var/cache/apt/archives") else ():
            if name.endswith(".deb"):
                p.files.unlink(f"/var/cache/apt/archives/{name}")
        return 0
    p.line("Reading package lists... Done\nBuilding dependency tree... Done\nReading state information... Done")
    p.line("0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.")
    return 0


def dpkg(p: Process) -> int:
    """`dpkg -l [NAME]`, `dpkg -L NAME`, `dpkg -s NAME`."""
    flags = [word for word in p.args if word.startswith("-")]
    names = [word for word in p.args if not word.startswith("-")]
    if flags[:1] == ["-L"] and names:
        for path in _files_of(names[0]) if installed(p, names[0]) else ():
            if p.files.find(path, follow=False) is not None:
                p.line(path)
        return 0 if installed(p, names[0]) else p.err("package is not installed: " + names[0])
    if flags[:1] not in (["-l"], ["-s"]):
        raise Usage("the simulator knows -l, -L and -s")
    try:
        known = {name.removesuffix(".list").partition(":")[0] for name in p.files.readdir("/var/lib/dpkg/info")
                 if name.endswith(".list")}
    except FsError:
        known = set()
    status = 0
    for name in names or sorted(known):
        if name not in known:
            p.stderr.write(f"dpkg-query: no packages found matching {name}\n".encode("utf-8", "surrogateescape"))
            status = 1
        else:
            p.line(f"ii  {name}  {APT[name].version if name in APT else '-'}")
    return status


# -- apk


def apk(p: Process) -> int:
    """`apk add [--no-cache] NAME…`, `apk del`, `apk update`, `apk info`."""
    words = [word for word in p.args if not word.startswith("-")]
    if not words or words[0] not in ("add", "del", "update", "info", "upgrade"):
        raise Usage("the simulator knows apk add, del, update and info")
    world = _apk_world(p)
    if words[0] == "info":
        for name in world:
            p.line(name)
        return 0
    if words[0] == "del":
        for name in words[1:]:
            _apk_del(p, name)
        return 0
    for number, repository in enumerate(("main", "community")):
        p.line(f"fetch https://dl-cdn.alpinelinux.org/alpine/v3.18/{repository}/x86_64/APKINDEX.tar.gz")
        name, size = APK_INDEXES[number]
        if "--no-cache" not in p.args:
            path = f"/var/cache/apk/{name}"
            _put(p, path, _made_up(path, size, Look.PACKED))
    return _apk_add(p, words[1:], world) if words[0] == "add" else 0


def _apk_world(p: Process) -> list[str]:
    try:
        return p.files.read("/etc/apk/world", 1 << 16).decode("utf-8", "replace").split()
    except FsError:
        return []


def _apk_add(p: Process, names: list[str], world: list[str]) -> int:
    missing = [name for name in names if name not in APK and name not in world]
    if missing:
        p.stderr.write(b"ERROR: unable to select packages:\n")
        for name in missing:
            p.stderr.write(f"  {name} (no such package)\n".encode("utf-8", "surrogateescape"))
        return len(missing)
    held = {name.removesuffix(".list") for name in p.files.readdir("/lib/apk/db") if name.endswith(".list")}
    chosen = [one for one in closure(APK, names) if one.name not in held]
    for number, one in enumerate(chosen, 1):
        p.line(f"({number}/{len(chosen)}) Installing {one.name} ({one.version})")
        _place(p, one)
        _put(p, f"/lib/apk/db/{one.name}.list", b"")
    p.files.write("/etc/apk/world", "".join(f"{name}\n" for name in sorted({*world, *names})).encode())
    p.line("OK: " + _size(7_600_000 + sum(one.size for one in chosen)).replace(".0 MB", " MiB").replace("MB", "MiB") +
           f" in {15 + len(chosen)} packages")
    p.spend(_INSTALL_NS * len(chosen))
    return 0


def _apk_del(p: Process, name: str) -> None:
    one = APK.get(name)
    for path in [] if one is None else [*(f"/{path}" for path in one.programs), f"/usr/share/doc/{name}/copyright",
                                        *(f"/usr/share/{name}/sample-{number:03}" for number in range(1, one.files))]:
        if p.files.find(path, follow=False) is not None:
            p.files.unlink(path)
    kept = [other for other in _apk_world(p) if other != name]
    p.files.write("/etc/apk/world", "".join(f"{other}\n" for other in kept).encode())


PACKAGES = {"apt-get": apt, "apt": apt, "apt-cache": apt, "dpkg": dpkg, "apk": apk}
