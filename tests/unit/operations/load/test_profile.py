"""The profile that ships is one that can be run."""

from operations.load.profile import DEFAULT, read


def test_shipped_profile_sends_what_its_paths_take() -> None:
    """A batch is a list, a single message is an object, and both are of the contract asked for."""
    profile = read(DEFAULT)

    bodies = {shape.path: shape.body(range(3, 5))["data"] for shape in profile.shapes}

    assert profile.contracts == {"timestamped"}
    assert bodies["/messages/timestamped"]["number"] == 3
    assert [each["number"] for each in bodies["/messages/timestamped/batch"]] == [3, 4]
