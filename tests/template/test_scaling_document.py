"""The scaling table in the documents is what the script prints."""

import pytest
from uploader.settings import Settings, StorageLayout

from benchmarks import cost, memory, scaling
from benchmarks.contenders import MEMORY_MB
from benchmarks.packages import FUNCTIONS
from operations.project import ROOT
from tests.template.deployment import Deployment


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
    set_memory = {
        name: deployments["dev"].properties(logical_id)["MemorySize"]
        for name, logical_id in FUNCTIONS.items()
    }

    assert wiring["BatchSize"] == scaling.BATCH_SIZE
    assert wiring["MaximumBatchingWindowInSeconds"] == scaling.WINDOW_SECONDS
    assert set_memory == MEMORY_MB


@pytest.mark.parametrize("memory_mb", memory.SIZES_MB)
def test_script_reckons_with_the_threads_that_the_uploader_takes(memory_mb: int) -> None:
    """How fast a batch is stored depends on them."""
    settings = Settings("", "", StorageLayout.MESSAGE, memory_mb)

    assert cost.upload_threads(memory_mb) == settings.thread_count
