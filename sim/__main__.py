"""`python3 -m sim COMMAND`: in a bare clone, make .venv once and run the command there.

    python3 -m sim lab
      |  this Python is older than 3.11          -> one sentence, exit 2
      |  not a clone, or an environment that has
      |  all that COMMAND needs                  -> run COMMAND here
      |  COMMAND needs no package (inspect, ls)  -> run it in .venv if that is sound, else here
      v
    sim/bootstrap makes or mends .venv, and the command is run again by its Python

This file and sim/__init__.py parse on Python 3.6, so that an old Python gets the sentence and not a
SyntaxError; hence the quoted annotations.
"""

import os
import sys

OLDEST = (3, 11)
NEWEST_TRIED = (3, 14)


def main(argv: "list[str]") -> int:
    """Run one command, in the Python that has what it needs; return its exit code."""
    if sys.version_info < OLDEST:
        say(too_old())
        return 2
    root = clone_root()
    if root is not None:
        from sim.bootstrap import SetupError, python_for

        try:
            python = python_for(root, argv)
        except SetupError as error:
            say("sim: {}".format(error))
            return 2
        except KeyboardInterrupt:
            say("\nsim: stopped; the same command begins again where it can")
            return 130
        if python is not None:
            return hand_over([python, "-m", "sim"] + argv)
    if argv[:1] == ["test"] and argv[1:2] not in (["-h"], ["--help"]):
        return run_tests(root, argv[1:])
    from sim.cli import main as run

    return run(argv)


def run_tests(root: "str | None", arguments: "list[str]") -> int:
    """Become pytest, in the clone and by this Python."""
    if root is None:
        say("sim: the tests are not part of the installed package: clone the repository and run this there")
        return 2
    os.chdir(root)
    # A file opened without naming its encoding is an error of ours (pyproject.toml, filterwarnings).
    os.environ["PYTHONWARNDEFAULTENCODING"] = "1"
    # tests/conftest.py says how many processes `auto` is; what is asked for behind it counts.
    shared = [] if any(word.endswith("no:xdist") for word in arguments) else ["-n", "auto", "--dist", "worksteal"]
    return hand_over([sys.executable, "-m", "pytest"] + shared + arguments)


def too_old() -> str:
    """The sentence for a Python below 3.11, naming a newer one where the PATH has it."""
    from shutil import which

    here = "Layer Lab needs Python {}.{} or newer, and this is Python {}.{} ({}).".format(
        *(OLDEST + tuple(sys.version_info[:2]) + (sys.executable,))
    )
    for minor in range(NEWEST_TRIED[1], OLDEST[1] - 1, -1):
        name = "python3.{}".format(minor)
        if which(name):
            return "{} There is a newer one here: use {} in its place.".format(here, name)
    return "{} Install a newer one (python.org has it for every system) and use it in its place.".format(here)


def clone_root() -> "str | None":
    """The folder with pyproject.toml that this package lies in, or None when the package is installed."""
    root = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    marks = ("pyproject.toml", "constraints.txt")
    return root if all(os.path.isfile(os.path.join(root, name)) for name in marks) else None


def say(text: str) -> None:
    """Talk on stderr: stdout belongs to the command."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def hand_over(command: "list[str]") -> int:
    """Become `command` where the system can do that, else run it and return its exit code."""
    if os.name != "nt":
        os.execv(command[0], command)
    import subprocess

    child = subprocess.Popen(command)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            # Ctrl-C reaches the child too, and how it ends is its answer.
            continue


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
