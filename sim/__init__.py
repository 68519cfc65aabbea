"""Layer Lab: a simulator of container images that tells the truth.

The names a lesson needs, each loaded when it is first asked for (PEP 562), so that `import sim` loads the
standard library alone and little of it. This file parses on Python 3.6: `python3 -m sim` reads it before it
can say that the Python is too old.

>>> import sim
>>> sim.__version__.count(".")
2
"""

__version__ = "0.1.0"

_HOMES = {
    "Lab": "sim.lab.lessons",
    "lookup": "sim.union.lookup",
    "open_image": "sim.source",
}

__all__ = sorted(_HOMES) + ["__version__"]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError("module 'sim' has no attribute {!r}".format(name))
    from importlib import import_module

    try:
        return getattr(import_module(_HOMES[name]), name)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if missing.split(".")[0] == "sim":
            raise
        raise ModuleNotFoundError(
            "sim.{} needs the package {!r}, which this Python does not have: "
            "start with `python3 -m sim lab`, or install layerlab[lab]".format(name, missing),
            name=missing,
        ) from None


def __dir__() -> "list[str]":
    return __all__
