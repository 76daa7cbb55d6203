"""Says whether every value of one JSON Schema is a value of another.

Reads `[old, new]` as JSON from standard input and writes `true` or `false`.
"""

import json
import sys

from jsonsubschema import isSubschema

from .limited import limit

if __name__ == "__main__":
    limit()
    old, new = json.load(sys.stdin)
    json.dump(bool(isSubschema(old, new)), sys.stdout)
