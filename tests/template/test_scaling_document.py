"""The scaling table in the documents is what the script prints."""

import pytest

from benchmarks import scaling
from tests.template.deployment import Deployment
from tests.template.translator import ROOT


def test_document_holds_the_table_that_the_script_prints(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A figure that was changed in one place only is wrong in one."""
    document = (ROOT / "docs/scaling.md").read_text()

    scaling.main()

    table = document.partition("prints -->\n")[2].partition("\n<!-- end of table")[0]
    assert table == capsys.readouterr().out


def test_script_reckons_with_what_the_template_sets(deployments: dict[str, Deployment]) -> None:
    """Batch, window and memory are the deployed ones."""
    wiring = deployments["dev"].properties("UploaderFunctionMessages")
    memory = {
        deployments["dev"].properties(name)["MemorySize"]
        for name in ("ValidatorFunction", "UploaderFunction")
    }

    assert wiring["BatchSize"] == scaling.BATCH_SIZE
    assert wiring["MaximumBatchingWindowInSeconds"] == scaling.WINDOW_SECONDS
    assert memory == {scaling.ASSUMED["memory_mb"]}
