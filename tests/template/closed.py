"""Compare what is deployed with what was decided on, so that an addition is noticed like a change.

A decision is a value, or one of the forms below. A text may hold references, as in `Fn::Sub`;
`true` and "true", 5 and "5" are the same; the order of a list does not count; a mapping holds what
was decided on and nothing else.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from tests.template.deployment import Deployment, listed

ABSENT = object()


@dataclass(frozen=True)
class Words:
    """Words for people, which may change."""

    def fits(self, found: Any) -> bool:
        """Say whether *found* is a text."""
        return isinstance(found, str) and len(found) > 2


@dataclass(frozen=True)
class Between:
    """A number that may be tuned within bounds."""

    lowest: float
    highest: float

    def fits(self, found: Any) -> bool:
        """Say whether *found* is within the bounds."""
        return not isinstance(found, bool) and self.lowest <= float(found) <= self.highest


@dataclass(frozen=True)
class OneOf:
    """Any of some values, which serve alike."""

    values: Sequence[Any]

    def fits(self, found: Any) -> bool:
        """Say whether *found* is one of them."""
        return canonical(found) in map(canonical, self.values)


@dataclass(frozen=True)
class Matching:
    """A text of a form."""

    pattern: str

    def fits(self, found: Any) -> bool:
        """Say whether *found* has the form."""
        return re.fullmatch(self.pattern, str(found)) is not None


@dataclass(frozen=True)
class HeldBy:
    """What a rule of that name decides; here it may be anything."""

    rule: str


@dataclass(frozen=True)
class Maybe:
    """What may be left out, as AWS does the same then."""

    decision: Any


@dataclass(frozen=True)
class When:
    """*then* where the parameter has a value that asks for something, else *otherwise*."""

    parameter: str
    then: Any
    otherwise: Any = ABSENT


class Statement(NamedTuple):
    """A right: who (*by*, as in `Service:lambda.amazonaws.com`) may do what, on what, and when.

    *actions* and *on* are lists in one text, with blanks between; *given* names the parameter
    without which there is no such statement.
    """

    actions: str
    on: str = ""
    by: str = ""
    when: Mapping[str, Any] = MappingProxyType({})
    effect: str = "Allow"
    given: str = ""


@dataclass(frozen=True, init=False)
class Policy:
    """A policy document, or a list of inline policies, that says this and nothing else."""

    statements: tuple[Statement, ...]
    versioned: bool = True

    def __init__(self, *statements: Statement, versioned: bool = True) -> None:
        object.__setattr__(self, "statements", statements)
        object.__setattr__(self, "versioned", versioned)


@dataclass(frozen=True)
class Decided:
    """A resource: its type, and for each property what was decided on and why.

    It is deployed if the parameter *given* has a value and none of *without* has one. *kept*
    resources outlive the stack; *after* are the resources that it has to wait for.
    """

    kind: str
    properties: dict[str, tuple[Any, str]]
    given: str = ""
    without: tuple[str, ...] = ()
    kept: bool = False
    after: tuple[str, ...] = ()
    others: dict[str, Any] = field(default_factory=dict)

    def is_deployed(self, deployment: Deployment) -> bool:
        """Say whether *deployment* has to have it."""
        return (not self.given or deployment.given(self.given)) and not any(
            map(deployment.given, self.without)
        )


def canonical(value: Any) -> str:
    """Return one text for all ways to write *value* that mean the same to CloudFormation."""
    match value:
        case bool():
            return "true" if value else "false"
        case dict():
            members = sorted((key, canonical(member)) for key, member in value.items())
            return json.dumps(members)
        case list():
            return json.dumps(sorted(map(canonical, value)))
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)


def differences(decided: Any, found: Any, deployment: Deployment, path: str) -> Iterator[str]:
    """Yield a sentence for each place below *path* where *found* is not what was *decided*."""
    match decided:
        case Maybe(inner):
            if found is not ABSENT:
                yield from differences(inner, found, deployment, path)
            return
        case When(parameter, then, otherwise):
            inner = then if deployment.given(parameter) else otherwise
            yield from differences(inner, found, deployment, path)
            return
    if found is ABSENT or decided is ABSENT:
        if found is not decided:
            yield f"{path} is {'missing' if found is ABSENT else f'given, as {found}'}"
        return
    match decided:
        case Policy():
            yield from _differences_of_policy(decided, found, deployment, path)
        case dict() if isinstance(found, dict):
            for key in sorted({*decided, *found}):
                where = f"{path}.{key}"
                if key not in decided:
                    yield f"{where}: nobody decided on it"
                else:
                    yield from differences(decided[key], found.get(key, ABSENT), deployment, where)
        case list() if isinstance(found, list):
            yield from _differences_of_lists(decided, found, deployment, path)
        case str():
            if canonical(found) != (wanted := deployment.text(decided)):
                yield f"{path} is {found!r}, not {wanted!r}"
        case HeldBy():
            return
        case Words() | Between() | OneOf() | Matching():
            if not decided.fits(found):
                yield f"{path} is {found!r}, not {decided}"
        case _:
            if canonical(decided) != canonical(found):
                yield f"{path} is {found!r}, not {decided!r}"


def _differences_of_lists(
    decided: list[Any], found: list[Any], deployment: Deployment, path: str
) -> Iterator[str]:
    left = list(found)
    for number, wanted in enumerate(decided):
        where = f"{path}[{number}]"
        if isinstance(wanted, When):
            wanted = wanted.then if deployment.given(wanted.parameter) else wanted.otherwise
        if wanted is ABSENT:
            continue
        nearest = min(
            left,
            key=lambda each: len(list(differences(wanted, each, deployment, where))),
            default=ABSENT,
        )
        yield from differences(wanted, nearest, deployment, where)
        if nearest is not ABSENT:
            left.remove(nearest)
    for each in left:
        yield f"{path}: nobody decided on {each}"


def _differences_of_policy(
    policy: Policy, found: Any, deployment: Deployment, path: str
) -> Iterator[str]:
    documents = [each["PolicyDocument"] for each in found] if isinstance(found, list) else [found]
    rights = set()
    names: list[str] = []
    for document in documents:
        if unknown := document.keys() - {"Version", "Statement"}:
            yield f"{path}: nobody decided on {sorted(unknown)}"
        if policy.versioned and str(document.get("Version")) != "2012-10-17":
            yield f"{path} is in the language of {document.get('Version')}"
        statements = listed(document.get("Statement", []))
        names += [statement["Sid"] for statement in statements if "Sid" in statement]
        for statement in statements:
            if unknown := statement.keys() - IN_A_STATEMENT:
                yield f"{path}: nobody decided on {sorted(unknown)}"
            rights |= set(_rights_found(statement))
    if len(names) != len(set(names)):
        yield f"{path}: two statements have one name"
    wanted = {
        right
        for statement in policy.statements
        if not statement.given or deployment.given(statement.given)
        for right in _rights_decided(statement, deployment)
    }
    for right in sorted(rights - wanted):
        yield f"{path}: nobody decided on {right}"
    for right in sorted(wanted - rights):
        yield f"{path} lacks {right}"


IN_A_STATEMENT = {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}


class Right(NamedTuple):
    """One action on one resource by one principal; statements are split into these to compare."""

    effect: str
    principal: str
    action: str
    resource: str
    condition: str


def _rights_found(statement: dict[str, Any]) -> Iterator[Right]:
    principal = statement.get("Principal", "")
    principals = (
        [f"{kind}:{name}" for kind, names in principal.items() for name in listed(names)]
        if isinstance(principal, dict)
        else [principal]
    )
    condition = {
        operator: {key: listed(values) for key, values in block.items()}
        for operator, block in statement.get("Condition", {}).items()
    }
    for who in principals:
        for action in listed(statement.get("Action", [])):
            for resource in listed(statement.get("Resource", "")):
                yield Right(statement["Effect"], who, action, resource, canonical(condition))


def _rights_decided(statement: Statement, deployment: Deployment) -> Iterator[Right]:
    condition = {
        operator: {key: list(map(deployment.text, listed(values))) for key, values in block.items()}
        for operator, block in statement.when.items()
    }
    for action in statement.actions.split():
        for resource in statement.on.split() or [""]:
            yield Right(
                statement.effect,
                deployment.text(statement.by),
                action,
                deployment.text(resource),
                canonical(condition),
            )
