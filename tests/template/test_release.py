"""An edit of a function's text that changes nothing comes with a new release, or AWS refuses it.

SAM makes a version for each edit of a function's text; Lambda refuses to publish one whose settings
and code equal the last ("A version for this Lambda function exists"), and the update is rolled back
(aws/serverless-application-model#3281). The release is a setting of every function, so that raising
it makes the difference.

release.json holds text and settings at the release that it names. Write it again with a release:

    python -m tests.template.test_release
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from tests.template.deployment import Deployment
from tests.template.translator import DEPLOYMENTS, TEMPLATE, Translator

RECORD = Path(__file__).with_name("release.json")
WITHOUT_AN_ALIAS = {
    "CanaryFunction",
    "LatencyProbeFunction",
    "UploaderCheckFunction",
    "ValidatorCheckFunction",
}


def release_of(deployments: dict[str, Deployment]) -> dict[str, Any]:
    """Return the release of the template, and the text and the settings of each of its functions.

    The text is told by the name that SAM gives the version, which is a digest of it.
    """
    template = deployments["dev"].template
    functions = deployments["dev"].of_type("AWS::Lambda::Function").keys() - WITHOUT_AN_ALIAS
    return {
        "version": template["Mappings"]["Weir"]["Release"]["Version"],
        "functions": {
            function: {
                "text": next(
                    name
                    for name in deployments["dev"].of_type("AWS::Lambda::Version")
                    if name.startswith(f"{function}Version")
                ),
                "settings": digest(
                    [settings(each.properties(function)) for each in deployments.values()]
                ),
            }
            for function in sorted(functions)
        },
    }


def settings(properties: dict[str, Any]) -> dict[str, Any]:
    """Return what Lambda compares, but for the code."""
    return {name: value for name, value in properties.items() if name not in ("Code", "Tags")}


def digest(value: Any) -> str:
    """Return a short name for *value*."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def refused(recorded: dict[str, Any], current: dict[str, Any]) -> list[str]:
    """Return the functions of *current* that Lambda would publish no version of."""
    return [
        function
        for function, found in current["functions"].items()
        if (before := recorded["functions"].get(function))
        and found["text"] != before["text"]
        and found["settings"] == before["settings"]
    ]


def test_every_edit_of_a_function_s_text_changes_what_is_published(
    deployments: dict[str, Deployment],
) -> None:
    """Raise the release in the template's Mappings, and write release.json again."""
    assert refused(json.loads(RECORD.read_text()), release_of(deployments)) == []


def test_record_is_of_this_release(deployments: dict[str, Deployment]) -> None:
    """Compared with the release before, any edit would do."""
    assert json.loads(RECORD.read_text())["version"] == release_of(deployments)["version"]


def test_edit_that_changes_nothing_is_found_and_a_release_helps(translator: Translator) -> None:
    """The same value in other words: SAM sees an edit, Lambda sees none."""
    text = TEMPLATE.read_text()
    edited = text.replace("Handler: uploader.handler", 'Handler: !Sub "uploader.handler', 1)
    edited = edited.replace('"uploader.handler.lambda_handler', '"uploader.handler.lambda_handler"')
    released = edited.replace("Release: {Version: ", "Release: {Version: 9.")

    def release(template: str) -> dict[str, Any]:
        return release_of({name: translator.deployment(template, name) for name in DEPLOYMENTS})

    assert refused(release(text), release(edited)) == ["UploaderFunction"]
    assert refused(release(text), release(released)) == []


if __name__ == "__main__":
    with Translator() as running:
        content = TEMPLATE.read_text()
        found = release_of({name: running.deployment(content, name) for name in DEPLOYMENTS})
    RECORD.write_text(json.dumps(found, indent=2) + "\n")
