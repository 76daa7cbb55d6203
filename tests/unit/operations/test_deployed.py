"""A deployed stack is spoken to itself, not whatever its domain leads to."""

from operations.deployed import own_address

OUTPUTS = {"ApiUrl": "https://weir.example.org", "ApiEndpoint": "https://a1.execute-api.example"}


def test_stack_is_reached_past_its_domain() -> None:
    """While senders are moved, the domain still leads to the service that is replaced."""
    assert own_address(OUTPUTS) == OUTPUTS["ApiEndpoint"]


def test_stack_without_an_endpoint_is_reached_by_its_url() -> None:
    """What 0.1.0 deployed has no such output."""
    assert own_address({"ApiUrl": OUTPUTS["ApiUrl"]}) == OUTPUTS["ApiUrl"]
