"""Write every file that is made from another one: `make generated`.

| Written | Made from |
|---|---|
| functions/*/requirements.txt | uv.lock |
| docs/licenses.md | those requirements, and the packages' own metadata |
| template.yaml, the dashboard's body | docs/dashboard.yaml |
| validator/http/openapi.json, docs/openapi-3.0.json | the contracts, and the API's own words |
| the dollars in README.md and docs/*.md | operations/cost/prices.toml, benchmarks/measured.toml |
"""

from collections.abc import Iterator
from pathlib import Path

from operations.project import ROOT

from . import costs, dashboard, licenses, openapi, requirements


def files() -> Iterator[tuple[Path, str]]:
    """Yield each file and its text; the requirements first, as the licenses are read from them."""
    for generator in (requirements, licenses, dashboard, openapi, costs):
        yield from generator.files()


def main() -> None:
    """Write what has changed, and name it."""
    for path, text in files():
        if path.read_text() != text:
            path.write_text(text)
            print(f"wrote {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
