"""Says for each contract whether it keeps its word, and what producers and readers have to do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from validator.contracts.models import Contract
from validator.contracts.registry import CONTRACTS

from .recorded import FOLDER, Record, path_of, recorded_contracts, records
from .verdict import Breach, breaches

_WAYS = """\
  Do one of these:
  - Take the change back.
  - Add a second contract beside it, class {model}V{next} (POST /messages/{name}-v{next}). Producers
    move when they can, readers ask both views, and {model} is deleted when nobody sends it.
  - Raise its version to "{next}" and run make generated. The route stays: whoever sends what is
    refused now gets 422 from the deployment on, so every producer has to change at that moment.
    Readers tell the forms apart by contract_version, and need make views where a column changes."""
_GONE = """\
{name} has a record and no class: it has been deleted or renamed.
  Producers that still send it get 404 from the deployment on. What is stored stays, and its view
  goes. If that is meant, delete events/contracts/{name}, too; if not, put the class back."""
_BACK = """\
{name} has version {version}, and version {newest} is recorded: a version never goes back.
  Readers would take new messages for old ones. Name a version above {newest}."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The judgement of one contract in words, and the record to write, if there is one."""

    text: str
    is_good: bool
    path: Path | None = None
    record: str = ""


def findings(contracts: Mapping[str, type[Contract]], folder: Path = FOLDER) -> Iterator[Finding]:
    """Yield one finding for each of *contracts*, and for each that is recorded in *folder*."""
    for name, model in contracts.items():
        yield _finding(name, model, folder)
    for name in recorded_contracts(folder):
        if name not in contracts:
            yield Finding(_GONE.format(name=name), is_good=False)


def _finding(name: str, model: type[Contract], folder: Path) -> Finding:
    now, path = Record.of(name, model), path_of(name, model.version, folder)
    known = records(name, folder)
    if not known:
        return Finding(f"{name} {now.version} is new.", True, path, now.text())
    newest = known[-1]
    if int(now.version) < int(newest.version):
        text = _BACK.format(name=name, version=now.version, newest=newest.version)
        return Finding(text, is_good=False)
    found = breaches(newest, model)
    if newest.version != now.version:
        return Finding(_raised(now, newest, found), True, path, now.text())
    if found:
        head = f"{name} {now.version} does not keep its word."
        ways = _WAYS.format(name=name, model=model.__name__, next=int(now.version) + 1)
        return Finding("\n".join([head, *_sentences(found), ways]), False, path, newest.text())
    record = now.taken_over(newest).text()
    how = "is as recorded" if record == newest.text() else "takes all that it took, and more"
    return Finding(f"{name} {now.version} {how}.", True, path, record)


def _raised(now: Record, newest: Record, found: list[Breach]) -> str:
    lines = [f"{now.contract} {now.version} replaces version {newest.version}."]
    if any(breach.to_senders for breach in found):
        lines.append(
            f"  Producers: POST /messages/{now.contract} takes version {now.version} alone. Whoever"
            " sends what it refuses gets 422 from the deployment on."
        )
    if any(breach.to_readers for breach in found):
        lines.append(
            "  Readers: change your queries with the deployment, and run make views. What is"
            f" stored has contract_version {newest.version} and stays as it is."
        )
    return "\n".join([*lines, *_sentences(found)])


def _sentences(found: list[Breach]) -> list[str]:
    return [f"  {breach.to_senders or breach.to_readers}" for breach in found]


@cache
def today() -> list[Finding]:
    """Return what is found of this checkout's contracts."""
    return list(findings(CONTRACTS))


def files() -> Iterator[tuple[Path, str]]:
    """Yield the file of each contract's newest record, and its text."""
    for finding in today():
        if finding.path:
            yield finding.path, finding.record
