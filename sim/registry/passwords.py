"""bcrypt: the hash of the lines of an htpasswd file, by the package of that name (extra `serve`)."""

from __future__ import annotations

from ..errors import Unsupported
from .auth import Verify

_COUNTED = 72
"""bcrypt counts no more bytes of a password; Apache's htpasswd and docker's registry drop the rest, too."""


def bcrypt_verify() -> Verify:
    """Return the function that checks a password against bcrypt's hash.

    Raises
    ------
    Unsupported
        The package is not installed.
    """
    try:
        import bcrypt
    except ImportError:
        raise Unsupported(
            "passwords need the package bcrypt, which is not installed here",
            hint="pip install bcrypt, or serve without --htpasswd",
        ) from None

    def verify(password: str, hashed: str) -> bool:
        try:
            return bool(bcrypt.checkpw(password.encode("utf-8")[:_COUNTED], hashed.encode("ascii")))
        except ValueError:  # A NUL in the password, a lone surrogate, a cost out of range.
            return False

    return verify
