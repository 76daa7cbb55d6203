"""The list of licenses is that of what ships."""

from local.delivery.licenses import document
from local.delivery.stages import ROOT


def test_list_names_every_package_that_ships() -> None:
    """A new dependency is a new license, and somebody has to have seen it."""
    assert (ROOT / "docs" / "licenses.md").read_text() == document(), "run `make licenses`"
