"""Says what the machine lacks before anything is installed; exit status 1 when it lacks something.

Standard library only: it runs before the virtual environment is made.
"""

from __future__ import annotations

import ctypes
import importlib.util
import sys

OLDEST, NEWEST = (3, 10), (3, 12)
PACKAGES = {
    # What OpenCV's compiled module is linked against and its wheel does not carry.
    "libGL.so.1": "libgl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
}


def missing_packages() -> list[str]:
    """Debian's names of the packages to install, each once."""
    wanted = [package for library, package in PACKAGES.items() if not _loads(library)]
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        wanted.append("python3-venv")
    return sorted(set(wanted))


def _loads(library: str) -> bool:
    if not sys.platform.startswith("linux"):
        return True
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def main() -> int:
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        print(f"Python 3.10, 3.11 or 3.12 is needed; this is {sys.version.split()[0]}.", file=sys.stderr)
        print("Name another: make PYTHON=python3.11 demo", file=sys.stderr)
        return 1
    missing = missing_packages()
    if missing:
        print("System packages are missing. Install them with:", file=sys.stderr)
        print(f"sudo apt-get install -y {' '.join(missing)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
