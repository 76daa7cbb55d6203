"""Put every single fault into the template, one at a time, and say which ones no rule sees.

    make template-faults [COUNT=500] [SEED=1] [ONLY='Resources/MessageQueue/*']

A fault that passes unseen has its reason in `harmless.py`, or the run fails. At the end stands
which of the rules' complaints were never reached: those are not known to work.
"""

import argparse
import ast
import configparser
import json
import os
import random
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from types import GeneratorType
from typing import Any, NamedTuple

from tests.template.decided import RESOURCES
from tests.template.deployment import Deployment
from tests.template.harmless import HARMLESS
from tests.template.mutations import Fault, Mutations, plain
from tests.template.rules import RULES, Rule
from tests.template.test_promises import MODULES
from tests.template.translator import DEPLOYMENTS, TEMPLATE, RefusedTemplateError, Translator

# What a rule may end in when the template is not even of the shape that it looks into.
MISSHAPEN = (
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
    RuntimeError,
    re.error,
    configparser.Error,
)
# The sections that SAM leaves as they are, unless a part of them says otherwise; of parameters it
# looks at the defaults.
UNTOUCHED = {"Conditions", "Outputs", "Parameters", "Resources", "Rules"}
MOST_UNSEEN = 0.03
DECIDED = "resources_hold_what_was_decided"


class Place(NamedTuple):
    """Where a complaint comes from: a line of a rule, or a property that was decided on."""

    where: str
    what: str


class Verdict(NamedTuple):
    """What came of one fault: who found it first, if anybody, and the places that complained."""

    name: str
    finder: str
    places: frozenset[Place]


def complaints(rule: Rule, deployment: Deployment) -> Iterator[Place]:
    """Yield the place of each complaint of *rule* about *deployment*."""
    found = rule(deployment)
    try:
        for complaint in found:
            inner: Any = found
            place = Place(rule.__name__, "elsewhere")
            while isinstance(inner, GeneratorType):
                frame = inner.gi_frame
                assert frame
                code, line = inner.gi_code, frame.f_lineno
                if not Path(code.co_filename).name.startswith("rules_"):
                    break
                place = Place(Path(code.co_filename).name, str(line))
                inner = inner.gi_yieldfrom
            yield place
            if rule.__name__ == DECIDED:
                name, _, rest = complaint.partition(".")
                yield Place(
                    DECIDED, f"{name}.{rest.split('.')[0].split(' ')[0].split('[')[0]}".rstrip(":")
                )
    except MISSHAPEN:
        yield Place(rule.__name__, "ends")


class Trial:
    """The template, ready to be tried with one fault after the other."""

    def __init__(self, translator: Translator, text: str) -> None:
        self._translator = translator
        self.source: dict[str, Any] = plain(translator.parsed(text, {}).source)
        self._expanded = {name: translator.expanded(self.source, name) for name in DEPLOYMENTS}

    def faults(self) -> list[Fault]:
        """Return every fault of the template, in the order of their names."""
        resources = self.source["Resources"].values()
        events = {
            f"event {event['Type']}"
            for resource in resources
            for event in resource.get("Properties", {}).get("Events", {}).values()
        }
        types = {resource["Type"] for resource in resources} | events
        every = Mutations(self.source, self._translator.schemas(types)).all()
        return sorted(every, key=lambda fault: fault.name)

    def verdict(self, fault: Fault) -> Verdict:
        """Return what the rules say to the template with *fault* in it."""
        source = fault.put_into(self.source)
        places: set[Place] = set()
        for name in DEPLOYMENTS:
            try:
                expanded = self.expansion(fault, source, name)
                deployment = Deployment(source, expanded, DEPLOYMENTS[name])
            except RefusedTemplateError:
                return Verdict(fault.name, "the SAM translator", frozenset())
            except MISSHAPEN:
                return Verdict(fault.name, "the expansion", frozenset())
            finder = ""
            for rule in RULES:
                found = set(complaints(rule, deployment))
                finder = finder or (rule.__name__ if found else "")
                places |= found
            if finder:
                return Verdict(fault.name, finder, frozenset(places))
        return Verdict(fault.name, "", frozenset())

    def expansion(self, fault: Fault, source: dict[str, Any], name: str) -> dict[str, Any]:
        """Return the expansion of *source*, by SAM only if SAM has something to do with *fault*."""
        section, part = map(str, fault.path[:2])
        expanded = self._expanded[name]
        before = self.source.get(section, {}).get(part)
        after = source.get(section, {}).get(part)
        types = {
            str((each or {}).get("Type", "")) for each in (before, after) if isinstance(each, dict)
        }
        untouched = before == expanded.get(section, {}).get(part)
        untouched &= section != "Parameters" or (len(fault.path) > 2 and fault.path[2] != "Default")
        if section not in UNTOUCHED or not untouched or any("Serverless" in kind for kind in types):
            return self._translator.expanded(source, name)
        parts = {key: each for key, each in expanded[section].items() if key != part}
        if after is not None:
            parts[part] = after
        return {**expanded, section: parts}

    def lint(self, faults: Sequence[Fault]) -> Iterator[Fault]:
        """Yield those of *faults* that cfn-lint finds, which takes seconds for each."""
        if not faults:
            return
        known = set(self._translator.lint(json.dumps(self.source)))
        for fault in faults:
            if set(self._translator.lint(json.dumps(fault.put_into(self.source)))) - known:
                yield fault


@cache
def _trial() -> Trial:
    return Trial(Translator(), TEMPLATE.read_text())


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the run, which ends this
    _trial.cache_clear()  # the translator of the process that this one was forked from is not ours
    _trial()


def _verdict(fault: Fault) -> Verdict:
    return _trial().verdict(fault)


def reason(name: str) -> str | None:
    """Return why the fault called *name* does no harm."""
    return next((why for pattern, why in HARMLESS.items() if fnmatchcase(name, pattern)), None)


def all_places() -> set[Place]:
    """Return every place where a rule can complain."""
    assert MODULES
    found = {
        Place(DECIDED, f"{name}.{key}")
        for name, decided in RESOURCES.items()
        for key in decided.properties
    }
    for path in Path(__file__).parent.glob("rules_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Yield):
                found.add(Place(path.name, str(node.lineno)))
    return found


class Report(NamedTuple):
    """The verdicts of a run, summed up."""

    verdicts: list[Verdict]
    complete: bool

    @property
    def unseen(self) -> list[str]:
        """Return the faults that nothing found."""
        return [verdict.name for verdict in self.verdicts if not verdict.finder]

    def lines(self) -> Iterator[str]:
        """Yield what a person wants to know of the run."""
        share = len(self.unseen) / max(1, len(self.verdicts))
        yield (
            f"faults made of the template: {len(self.verdicts)}, unseen: {len(self.unseen)} "
            f"({share:.1%}, at most {MOST_UNSEEN:.0%})"
        )
        for why, count in Counter(filter(None, map(reason, self.unseen))).most_common():
            yield f"  {count:4} harmless: {why}"
        places = all_places()
        reached = places & set().union(*(verdict.places for verdict in self.verdicts))
        yield f"complaints of the rules: {len(places)}, reached: {len(reached)}"
        if self.complete:
            for place in sorted(places - reached):
                yield f"  never: {place.where} {place.what}"
        yield from self.problems()

    def problems(self) -> Iterator[str]:
        """Yield what makes the run fail."""
        for name in self.unseen:
            if not reason(name):
                yield f"unseen, and harmless.py has no reason: {name}"
        if len(self.unseen) > MOST_UNSEEN * len(self.verdicts) and len(self.verdicts) >= 1000:
            yield f"more than {MOST_UNSEEN:.0%} of the faults pass unseen"
        if self.complete:
            for pattern in HARMLESS:
                if not any(fnmatchcase(name, pattern) for name in self.unseen):
                    yield f"harmless.py: nothing that passes unseen is called {pattern}"


def run(faults: list[Fault], *, complete: bool, tell: bool = False) -> Report:
    """Try *faults* on all processors, and *tell* how far it is."""
    verdicts: list[Verdict] = []
    started = time.monotonic()
    with ProcessPoolExecutor(os.process_cpu_count(), initializer=_begin) as pool:
        try:
            for verdict in pool.map(_verdict, faults, chunksize=8):
                verdicts.append(verdict)
                if tell and not verdict.finder and not reason(verdict.name):
                    print(f"no rule sees: {verdict.name}", file=sys.stderr)
                if tell and len(verdicts) % 200 == 0:
                    unseen = sum(not verdict.finder for verdict in verdicts)
                    passed = time.monotonic() - started
                    left = passed / len(verdicts) * (len(faults) - len(verdicts))
                    print(
                        f"{len(verdicts)} of {len(faults)} faults, {unseen} unseen, "
                        f"{left / 60:.0f} minutes left",
                        file=sys.stderr,
                    )
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            print(f"ended after {len(verdicts)} of {len(faults)} faults", file=sys.stderr)
            complete = False
    suspects = {
        verdict.name for verdict in verdicts if not verdict.finder and not reason(verdict.name)
    }
    linted = {fault.name for fault in _trial().lint([f for f in faults if f.name in suspects])}
    judged = [
        verdict._replace(finder="cfn-lint") if verdict.name in linted else verdict
        for verdict in verdicts
    ]
    return Report(judged, complete)


def sample(faults: list[Fault], count: int, seed: int) -> list[Fault]:
    """Return *count* of *faults*, the same ones for the same *seed*."""
    chosen = random.Random(seed).sample(range(len(faults)), min(count, len(faults)))  # noqa: S311
    return [faults[number] for number in sorted(chosen)]


def main() -> int:
    """Try the faults that the command line asks for; return 1 if one passes without a reason."""
    parser = argparse.ArgumentParser(prog="make template-faults", description=__doc__)
    parser.add_argument(
        "--count", type=int, help="as many, drawn by chance; all of them if left out"
    )
    parser.add_argument("--seed", type=int, default=1, help="draws others")
    parser.add_argument("--only", default="*", help="those whose names match, as in a shell")
    asked = parser.parse_args()
    every = _trial().faults()
    faults = [fault for fault in every if fnmatchcase(fault.name, asked.only)]
    if asked.count:
        faults = sample(faults, asked.count, asked.seed)
    report = run(faults, complete=len(faults) == len(every), tell=True)
    print("\n".join(report.lines()))
    return 1 if list(report.problems()) else 0


if __name__ == "__main__":
    sys.exit(main())
