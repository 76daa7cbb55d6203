"""What is generated is committed as it is made: `make generated` writes all of it."""

from pathlib import Path

import pytest
from validator.contracts.registry import CONTRACTS

from maintenance import generated
from operations.project import ROOT

FILES = dict(generated.files())


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_file_is_as_its_source_says(path: Path) -> None:
    """Whoever reads or deploys the file would be misled by one that fell behind."""
    assert path.exists(), "run `make generated`"
    assert path.read_text() == FILES[path], "run `make generated`"


def test_every_generator_has_its_files() -> None:
    """One that is left out would let its files fall behind unseen."""
    names = {path.relative_to(ROOT).as_posix() for path in FILES}

    assert names == {
        "README.md",
        "docs/costs.md",
        "docs/licenses.md",
        "docs/openapi-3.0.json",
        "docs/performance.md",
        "docs/reading.md",
        "docs/scaling.md",
        "docs/senders.md",
        "functions/canary/requirements.txt",
        *(f"events/contracts/{name}/{model.version}.json" for name, model in CONTRACTS.items()),
        "functions/latency_probe/requirements.txt",
        "functions/uploader/requirements.txt",
        "functions/validator/requirements.txt",
        "functions/validator/validator/http/openapi.json",
        "operations/query/views.sql",
        "template.yaml",
    }
