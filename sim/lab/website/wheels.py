"""Wheels for a browser's Python, packed from what is installed here: no package index is asked, nothing is compiled.

    site-packages/ipywidgets/…  +  its RECORD   -->   ipywidgets-8.1.9-py3-none-any.whl
    the clone's sim/…                           -->   layerlab-0.1.0-py3-none-any.whl

The packages are pure Python, or have compiled parts (``.so``) beside the Python that they were compiled from and can
do without; those parts stay out. Two builds from the same files give the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from ...errors import SimError

PACKAGES = (
    "anywidget", "asttokens", "comm", "executing", "ipython", "ipython-pygments-lexers", "ipywidgets", "jedi",
    "matplotlib-inline", "networkx", "packaging", "parso", "prompt-toolkit", "psygnal", "pure-eval",
    "pygments", "stack-data", "traitlets", "typing-extensions", "wcwidth",
)
"""What a kernel in a browser and the lessons import, by the names of pip; matplotlib has compiled parts, so a chart
shows its table there."""
_INSTALLER = {
    "micropip/__init__.py": (
        "from . import package_index\n\n\n"
        "async def install(requirements, *others, **options):\n"
        "    raise RuntimeError(f'{requirements} is not here: this site has the packages of the lessons alone')\n"
    ),
    "micropip/package_index.py": "CompatibilityLayer = ProjectInfo = object\nquery_package = None\n",
}
"""The kernel wants Pyodide's installer before anything else. The real one would ask a package index, and the one for
older Pythons does not load in this Pyodide; this one says that nothing else is to be had."""
_TAG = "py3-none-any"
_COMPILED = (".so", ".pyd", ".dylib", ".pyc")
_OF_THIS_PLACE = {"RECORD", "INSTALLER", "REQUESTED", "WHEEL", "direct_url.json", "uv_cache.json"}
_DATA = {".py", ".json", ".txt", ".svg", ".css", ".js", ".gz", ".typed"}
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""A zip knows no earlier time."""


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel in a folder.

    Attributes
    ----------
    name, version : str
    file : str
        Its file's name.
    sha256 : str
        Of the file, in hexadecimal.
    imports : tuple of str
        What it makes importable at the top level.
    """

    name: str
    version: str
    file: str
    sha256: str
    imports: tuple[str, ...]


def pack(folder: Path, root: Path, version: str) -> list[Wheel]:
    """Write all that a browser needs into a folder.

    Parameters
    ----------
    folder : Path
        Where the wheels go.
    root : Path
        The clone, whose ``sim`` is packed.
    version : str
        Of the clone.

    Raises
    ------
    SimError
        A package is not installed here.
    """
    installer = [(name, text.encode()) for name, text in _INSTALLER.items()]
    return [
        *(_installed(name, folder) for name in PACKAGES), _made("micropip", version, installer, folder),
        _made("layerlab", version, _clone(root), folder),
    ]


def wheel_of(path: Path) -> Wheel:
    """Return what a wheel's file is."""
    name, version = path.name.split("-")[:2]
    with zipfile.ZipFile(path) as archive:
        tops = {member.partition("/")[0] for member in archive.namelist()}
    imports = sorted(top.removesuffix(".py") for top in tops if not top.endswith((".dist-info", ".data")))
    return Wheel(name, version, path.name, hashlib.sha256(path.read_bytes()).hexdigest(), tuple(imports))


def _installed(name: str, folder: Path) -> Wheel:
    try:
        found = distribution(name)
    except PackageNotFoundError:
        raise SimError(
            f"the package {name} is not installed", hint="python3 -m sim site in a clone sets up what it needs, or"
            " install layerlab[site]"
        ) from None
    info = next(path.parts[-2] for path in found.files or () if path.name == "METADATA")
    return _write(folder, info.removesuffix(".dist-info"), _files(found))


def _files(found: Distribution) -> Iterator[tuple[str, bytes]]:
    for path in found.files or ():
        # What lies outside site-packages, as ../../share, belongs to this machine's Jupyter.
        if ".." not in path.parts and path.suffix not in _COMPILED and path.name not in _OF_THIS_PLACE:
            yield path.as_posix(), path.read_binary()


def _clone(root: Path) -> list[tuple[str, bytes]]:
    paths = sorted(path for path in (root / "sim").rglob("*") if path.is_file() and path.suffix in _DATA)
    return [(path.relative_to(root).as_posix(), path.read_bytes()) for path in paths]


def _made(name: str, version: str, files: Iterable[tuple[str, bytes]], folder: Path) -> Wheel:
    """Pack what was never a distribution here."""
    stem = f"{name}-{version}"
    about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    return _write(folder, stem, [*files, (f"{stem}.dist-info/METADATA", about.encode())])


def _write(folder: Path, stem: str, files: Iterable[tuple[str, bytes]]) -> Wheel:
    path, info = folder / f"{stem}-{_TAG}.whl", f"{stem}.dist-info"
    about = f"Wheel-Version: 1.0\nGenerator: layerlab\nRoot-Is-Purelib: true\nTag: {_TAG}\n".encode()
    lines = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in [*sorted(files), (f"{info}/WHEEL", about)]:
            archive.writestr(_entry(member), data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            lines.append(f"{member},sha256={digest},{len(data)}\n")
        archive.writestr(_entry(f"{info}/RECORD"), "".join(lines) + f"{info}/RECORD,,\n")
    return wheel_of(path)


def _entry(member: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(member, _EPOCH)
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    return entry
