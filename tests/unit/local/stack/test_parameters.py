"""What is given to `make up` is checked before anything starts, and kept."""

import pytest

from local.stack.local_stack import StackError
from local.stack.parameters import as_told, declarations, kept, parse

DECLARED = declarations()


def test_parameter_of_the_template_is_taken() -> None:
    """Whatever can be deployed can be tried."""
    words = ["StorageLayout=batch", "RequestsPerSecond=50", "AlarmEmail=", "WEIR_PORT=0"]

    assert parse(words, DECLARED) == {
        "StorageLayout": "batch",
        "RequestsPerSecond": "50",
        "AlarmEmail": "",
    }


@pytest.mark.parametrize(
    ("word", "complaint"),
    [
        ("StorageLayuot=batch", "no parameter StorageLayuot. Did you mean StorageLayout?"),
        ("STORAGE_LAYOUT=batch", "Did you mean StorageLayout?"),
        ("Nothing=1", "docs/configuration.md lists them"),
        ("StorageLayout", "make up StorageLayout=..."),
        ("StorageLayout=batches", "StorageLayout is one of message, batch, and not 'batches'"),
        ("BatchingWindowInSeconds=21", "a number from 1 to 20, and not '21'"),
        ("RequestsPerSecond=many", "a number from 1, and not 'many'"),
        ("RequestsPerSecond=nan", "a number from 1, and not 'nan'"),
        ("DefaultContract=Two Words", "the kebab-case name of a contract"),
        ("Stage=prod", "always local"),
        ("AwsEndpointUrl=http://127.0.0.1:1", "the address of the emulator"),
    ],
)
def test_wrong_parameter_is_refused_with_what_is_right(word: str, complaint: str) -> None:
    """CloudFormation would say so minutes later, and roll back."""
    with pytest.raises(StackError) as refused:
        parse([word], DECLARED)

    assert complaint in str(refused.value)


def test_parameters_are_kept_until_they_are_taken_back() -> None:
    """The next `make up` deploys a change of code, and nothing else."""
    before = {"StorageLayout": "batch", "OfAnOlderTemplate": "1"}

    assert kept(before, {}, DECLARED) == {"StorageLayout": "batch"}
    assert kept(before, {"StorageLayout": ""}, DECLARED) == {}
    assert kept(before, {"StorageLayout": "message"}, DECLARED) == {"StorageLayout": "message"}


def test_parameters_are_shown() -> None:
    """A stack that behaves in another way must say why."""
    assert "StorageLayout=batch" in as_told({"StorageLayout": "batch"})
    assert "none given" in as_told({})
