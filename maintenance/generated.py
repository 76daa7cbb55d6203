"""Write every file that is made from another one: `make generated`.

| Written | Made from |
|---|---|
| functions/*/requirements.txt | uv.lock |
| docs/licenses.md | those requirements, and the packages' own metadata |
| template.yaml, the dashboard's body | docs/dashboard.yaml |
| events/contracts/ | the contracts, and what their versions have accepted so far |
| template.yaml, the tables' partitions | the contracts, and the reasons of quarantine |
| operations/query/views.sql | the contracts |
| validator/http/openapi.json, docs/openapi-3.0.json | the contracts, and the API's own words |
| the dollars in README.md and docs/*.md | operations/cost/prices.toml, benchmarks/measured.toml |
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from operations.project import ROOT

from . import costs, dashboard, licenses, openapi, requirements, tables
from .contracts import report


def files() -> Iterator[tuple[Path, str]]:
    """Yield each file and its text; the requirements first, as the licenses are read from them."""
    for generator in (requirements, licenses, openapi, tables, costs, report):
        yield from generator.files()
    template = ROOT / "template.yaml"
    yield template, tables.in_template(dashboard.in_template(template.read_text()))


def main() -> None:
    """Write what has changed, and name it; fail if a contract does not keep its word."""
    for path, text in files():
        if not path.exists() or path.read_text() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            print(f"wrote {path.relative_to(ROOT)}")
    broken = [finding.text for finding in report.today() if not finding.is_good]
    sys.exit("\n".join(broken) or None)


if __name__ == "__main__":
    main()
