"""What the functions ship."""

from operations.project import ROOT


def test_the_probe_ships_no_boto3_and_the_uploader_no_pydantic() -> None:
    """Each would cost init CPU in a function that calls neither."""
    probe = (ROOT / "functions" / "latency_probe" / "requirements.txt").read_text()
    uploader = (ROOT / "functions" / "uploader" / "requirements.txt").read_text()

    assert "boto" not in probe
    assert "pydantic" not in uploader
