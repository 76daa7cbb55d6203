"""What a load run sends, as its file says."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEFAULT = Path(__file__).with_name("profile.toml")


@dataclass(frozen=True)
class Shape:
    """One kind of request; without *items* it carries one message, with them that many."""

    name: str
    path: str
    weight: int
    bytes: int
    items: int | None = None

    @property
    def size(self) -> int:
        """Return the messages in a request."""
        return self.items or 1

    @property
    def contract(self) -> str:
        """Return the contract in the path."""
        return self.path.split("/")[2]

    def body(self, numbers: range) -> dict[str, Any]:
        """Return the request's body, with a message for each of *numbers*."""
        messages = [
            {"email_timestream": "1693561101", "number": number, "padding": "x" * self.bytes}
            for number in numbers
        ]
        return {"data": messages if self.items else messages[0]}


@dataclass(frozen=True)
class Profile:
    """The bounds of a run, and the shapes of its requests."""

    messages: int
    users: int
    minutes: float
    most_refused: int
    settle_seconds: float
    most_waiting: int
    shapes: tuple[Shape, ...]

    @property
    def contracts(self) -> set[str]:
        """Return the contracts of all shapes."""
        return {shape.contract for shape in self.shapes}


def read(path: Path) -> Profile:
    """Return the profile in the file *path*; a name that it does not know is an error."""
    content = tomllib.loads(path.read_text())
    shapes = tuple(Shape(**shape) for shape in content.pop("shapes"))
    return Profile(**content, shapes=shapes)
