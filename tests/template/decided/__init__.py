"""What the template may hold: each resource, each of its properties, and why.

`rules_closed` holds every deployment to these tables. What is in none of them is refused, so that
a property, a right or a resource that nobody decided on is noticed, and so is one that is missing.

- A new resource: one entry in the module of its part, with a reason for each property. An alarm
  has its line in `rules_alarms.watched` instead, a saved query in `observation.QUERIES`, a route in
  `rules_api.ROUTES`.
- A new property: one line in its resource's entry.
- A new right: one `Statement` in its role's entry.
- A new parameter, output or rule of the template: one entry in `interface`.
"""

from tests.template.closed import Decided
from tests.template.decided import api, functions, messages, network, observation, tables

# By logical id, or by a pattern where SAM makes the id.
RESOURCES: dict[str, Decided] = {
    **api.RESOURCES,
    **functions.RESOURCES,
    **messages.RESOURCES,
    **network.RESOURCES,
    **observation.RESOURCES,
    **tables.RESOURCES,
}

# Types of which each resource is held by a rule of its own, whatever its logical id.
HELD_BY_TYPE = {
    "AWS::CloudWatch::Alarm": "everything_that_must_ring_rings_once",
    "AWS::Lambda::Permission": "functions_are_called_by_their_routes_alone",
    "AWS::Logs::QueryDefinition": "queries_are_those_decided_on",
}

# Properties that are for people: they may change, come and go, unless a table says otherwise.
FOR_PEOPLE = {"Description", "Tags"}
