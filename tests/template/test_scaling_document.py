"""The scaling table counts with what is deployed (tests/unit/maintenance holds the document)."""

import pytest
from uploader.settings import Settings, StorageLayout

from benchmarks import memory, scaling
from operations.cost.million import upload_threads
from tests.template.deployment import Deployment


def test_script_counts_with_what_the_template_sets(deployments: dict[str, Deployment]) -> None:
    """Batches are as large as the deployed ones."""
    assert deployments["dev"].properties("UploaderFunctionMessages")["BatchSize"] == (
        scaling.BATCH_SIZE
    )


@pytest.mark.parametrize("memory_mb", memory.SIZES_MB)
def test_script_counts_with_the_threads_that_the_uploader_takes(memory_mb: int) -> None:
    """How fast a batch is stored depends on them."""
    settings = Settings("", "", StorageLayout.MESSAGE, memory_mb)

    assert upload_threads(memory_mb) == settings.thread_count
