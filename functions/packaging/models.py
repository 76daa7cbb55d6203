"""Cut botocore's data down to the operations that a function calls.

botocore parses a service's whole model when its first client is made: 1.3 MB for S3, of which a
function that puts objects needs 3 %.
"""

import gzip
import json
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any


def prune_data(data: Path, operations: Iterable[str]) -> None:
    """Leave in *data* what *operations* need, each named like s3.PutObject."""
    wanted: dict[str, list[str]] = {}
    for name in operations:
        service, _, operation = name.partition(".")
        wanted.setdefault(service, []).append(operation)
    for folder in data.glob("*/"):
        if folder.name not in wanted:
            shutil.rmtree(folder)
    for service, names in wanted.items():
        for older in sorted(data.glob(f"{service}/*/"))[:-1]:
            shutil.rmtree(older)  # botocore takes the newest version of an API
        (model,) = data.glob(f"{service}/*/service-2.json.gz")
        _rewrite(model, _pruned(_read(model), service, names))
        (rules,) = data.glob(f"{service}/*/endpoint-rule-set-1.json.gz")
        _rewrite(rules, _undocumented(_read(rules)))
    # Parsed too at the first client: 1.2 MB of it.
    for path in data.glob("endpoints.json"):
        endpoints = json.loads(path.read_bytes())
        for partition in endpoints["partitions"]:
            known = partition["services"]
            partition["services"] = {name: known[name] for name in wanted if name in known}
        path.write_text(json.dumps(endpoints))


def _pruned(model: dict[str, Any], service: str, names: list[str]) -> dict[str, Any]:
    if unknown := set(names) - model["operations"].keys():
        sys.exit(f"botocore knows no operation {', '.join(sorted(unknown))} of {service}")
    operations = {name: model["operations"][name] for name in sorted(names)}
    shapes: dict[str, Any] = {}
    waiting = list(_shapes_in(operations))
    while waiting:
        name = waiting.pop()
        if name not in shapes:
            shapes[name] = model["shapes"][name]
            waiting += _shapes_in(shapes[name])
    kept = _undocumented({"operations": operations, "shapes": shapes})
    # The rest is small, and botocore reads the documentation of a client's parameters.
    return {**model, "documentation": "", **kept}


def _shapes_in(value: Any) -> Iterator[str]:
    """Yield the names of the shapes that *value*, a part of a model, refers to."""
    if isinstance(value, dict):
        if isinstance(value.get("shape"), str):
            yield value["shape"]
        for part in value.values():
            yield from _shapes_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from _shapes_in(part)


def _undocumented(value: Any) -> Any:
    """Return *value* without its documentation, which is text; a member of that name is not."""
    if isinstance(value, dict):
        return {
            name: _undocumented(part)
            for name, part in value.items()
            if name != "documentation" or not isinstance(part, str)
        }
    if isinstance(value, list):
        return [_undocumented(part) for part in value]
    return value


def _read(path: Path) -> Any:
    return json.loads(gzip.decompress(path.read_bytes()))


def _rewrite(path: Path, content: Any) -> None:
    """Write *content* in the place of the compressed *path*: botocore takes plain JSON too."""
    path.unlink()
    path.with_suffix("").write_text(json.dumps(content, separators=(",", ":")))
