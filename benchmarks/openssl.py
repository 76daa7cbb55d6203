"""The OpenSSL of the measured processes: 3.2 or newer, as Lambda's is.

Before 3.2, a connection's root certificates take OpenSSL five times as long to load, so that every
ratio in which connections are opened would be another one than Lambda's.
"""

import subprocess

from .packages import FOLDER, PYTHON

LIBRARIES = FOLDER / "openssl" / "psycopg_binary.libs"
OLDEST = (3, 2)


def environment() -> dict[str, str]:
    """Return the variables that put the built OpenSSL under the measured Python, if it is there."""
    links = FOLDER / "openssl" / "lib"
    if not links.exists() and LIBRARIES.exists():
        links.mkdir()
        for name in ("libssl", "libcrypto"):
            library = next(LIBRARIES.glob(f"{name}-*.so.3"))
            (links / f"{name}.so.3").symlink_to(library)
    return {"LD_LIBRARY_PATH": str(links)} if links.exists() else {}


def version() -> str:
    """Return the version in use, with a warning if it is older than Lambda's."""
    code = "import ssl; print(*ssl.OPENSSL_VERSION_INFO[:2], ssl.OPENSSL_VERSION)"
    command = [PYTHON, "-I", "-c", code]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True)
    major, minor, name = done.stdout.strip().split(" ", 2)
    if (int(major), int(minor)) >= OLDEST:
        return name
    return f"{name} (WARNING: older than Lambda's, and slower at opening connections)"
