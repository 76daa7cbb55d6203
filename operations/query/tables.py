"""The raw tables and saved queries of template.yaml, which is the only place that has them."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

import yaml

from ..project import ROOT

_BUCKET = "s3://${MessageBucket}/"


class TemplateLoader(yaml.SafeLoader):
    """Reads the template; of a short tag, only the text within is kept."""


TemplateLoader.add_multi_constructor(
    "!", lambda *given: given[2].value if isinstance(given[2], yaml.ScalarNode) else None
)


class Table(NamedTuple):
    """A raw table: where its objects are, and the values that its partitions can have."""

    name: str
    prefix: str
    template: str
    partitions: tuple[str, ...]
    projection: Mapping[str, str]

    def partition_of(self, key: str) -> dict[str, str] | None:
        """Return the partition in which Athena finds the object *key*, None if it does not."""
        form = re.escape(self.template)
        for name in self.partitions:
            form = form.replace(re.escape(f"${{{name}}}"), f"(?P<{name}>[^/]*)")
        found = re.match(form, key)
        if not found or not all(self._projects(*pair) for pair in found.groupdict().items()):
            return None
        return found.groupdict()

    def _projects(self, name: str, value: str) -> bool:
        """Return whether partition projection makes *value* for the partition column *name*.

        https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
        """

        def setting(key: str) -> str:
            return str(self.projection[f"projection.{name}.{key}"])

        match setting("type"):
            case "enum":
                return value in setting("values").split(",")
            case "integer":
                least, most = map(int, setting("range").split(","))
                width = int(setting("digits"))
                return value.isdecimal() and len(value) == width and least <= int(value) <= most
            case "date":
                first, last = setting("range").split(",")
                if (setting("format"), last) != ("yyyy-MM-dd", "NOW"):
                    raise ValueError(f"{self.name} projects {name} in a form that is not known")
                return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", value)) and value >= first
            case kind:
                raise ValueError(f"{self.name} projects {name} by {kind}, which is not known")


class SavedQuery(NamedTuple):
    """A saved query: each `?` in its *sql* stands for a value that is given with it."""

    name: str
    description: str
    sql: str

    @property
    def value_count(self) -> int:
        """The number of values that the query needs."""
        return self.sql.count("?")

    def with_values(self, values: list[str]) -> str:
        """Return the SQL with *values* as text in the place of each `?`."""
        if len(values) != self.value_count:
            raise SystemExit(
                f"The saved query {self.name} needs {self.value_count} values, and {len(values)}"
                f" are given: make query NAME={self.name} VALUES='...'. {self.description}"
            )
        quoted = iter("'" + value.replace("'", "''") + "'" for value in values)
        return re.sub(r"\?", lambda _: next(quoted), self.sql)


@cache
def _resources() -> dict[str, Any]:
    text = (ROOT / "template.yaml").read_text()
    return dict(yaml.load(text, TemplateLoader)["Resources"])  # noqa: S506 (a SafeLoader)


def _of_type(kind: str) -> list[dict[str, Any]]:
    return [each["Properties"] for each in _resources().values() if each["Type"] == kind]


def tables() -> list[Table]:
    """Return the raw tables."""
    found = []
    for each in _of_type("AWS::Glue::Table"):
        properties = each["TableInput"]
        template = properties["Parameters"]["storage.location.template"]
        found.append(
            Table(
                name=properties["Name"],
                prefix=properties["StorageDescriptor"]["Location"].removeprefix(_BUCKET),
                template=template.removeprefix(_BUCKET).replace("${!", "${"),
                partitions=tuple(key["Name"] for key in properties["PartitionKeys"]),
                projection=properties["Parameters"],
            )
        )
    return found


def saved_queries() -> dict[str, SavedQuery]:
    """Return the saved queries by name."""
    return {
        each["Name"]: SavedQuery(each["Name"], each["Description"], each["QueryString"])
        for each in _of_type("AWS::Athena::NamedQuery")
    }
