"""Why a set-up failed, in one sentence with the remedy. pip and venv speak English everywhere."""

from __future__ import annotations

import errno
import re
import sys
from collections.abc import Sequence

FULL = "the disk is full: free some space (the lessons need about 600 MB) and run this again"
NO_NETWORK = (
    "the package index did not answer, and this start needs a network: connect and run this again "
    "(behind a proxy set HTTPS_PROXY; a school's own index is set by PIP_INDEX_URL)"
)
NO_VENV = (
    "this Python cannot make virtual environments, since its modules venv and ensurepip are a package of "
    "their own: on Debian and Ubuntu run `sudo apt install python3-venv`, then this again"
)


def of_error(error: OSError, root: str) -> str:
    """Explain what the system refused."""
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return FULL
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        where = error.filename or root
        return f"{where} cannot be written to: copy the folder to a place of your own and run this there"
    return f"setting up {root} failed: {error}"


def of_output(lines: Sequence[str], otherwise: str) -> str:
    """Explain what pip or venv said before it failed; `otherwise` begins the sentence when nothing fits."""
    text = "\n".join(lines)
    if "No space left on device" in text or "Disk quota exceeded" in text:
        return FULL
    if "ensurepip" in text or "No module named venv" in text:
        return NO_VENV
    if "Retrying (" in text or "ProxyError" in text:
        return NO_NETWORK
    # The second is how pip puts it when the version is pinned.
    lacking = re.search(r"No matching distribution found for (.+)|ERROR: Cannot install (.+?) because", text)
    if lacking:
        here = f"Python {sys.version_info.major}.{sys.version_info.minor} on this machine"
        return f"there is no wheel of {lacking[1] or lacking[2]} for {here}, as pinned: try Python 3.12"
    errors = [line for line in lines if line.lower().startswith("error")] or [line for line in lines if line]
    return f"{otherwise}: {errors[-1] if errors else 'it said nothing'}"
