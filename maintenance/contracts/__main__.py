"""Says whether each contract keeps its word: `make contracts`.

The exit code is 1 if one does not, or if its record is not written yet.
"""

import sys

from .report import today


def main() -> int:
    """Print what is found; return the exit code."""
    good = True
    for finding in today():
        path, text = finding.path, finding.text
        is_written = path is None or (path.exists() and path.read_text() == finding.record)
        good = good and finding.is_good and is_written
        print(text if is_written else f"{text}\n  Record it: make generated")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
