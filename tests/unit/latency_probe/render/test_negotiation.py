"""Which form an Accept header asks for."""

import pytest
from latency_probe.render.negotiation import MediaType, preferred

JSON = MediaType("application/json")
TEXT = MediaType("text/plain", "0.0.4")
OPENMETRICS = MediaType("application/openmetrics-text", "1.0.0")
OFFERS = (JSON, TEXT, OPENMETRICS)

# What Prometheus 2.42, 2.55 and 3.5 send, and what a browser and curl send.
PROMETHEUS_2_42 = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
PROMETHEUS_2_55 = (
    "application/openmetrics-text;version=1.0.0;q=0.5,"
    "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)
PROMETHEUS_3_TEXT = (
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.3"
)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/json", JSON),
        ("application/*", JSON),
        ("text/plain", TEXT),
        ("text/*", TEXT),
        ("TEXT/Plain ; Version=0.0.4", TEXT),
        ('text/plain;version="0.0.4"', TEXT),
        ("text/plain; charset=utf-8", TEXT),
        ("application/openmetrics-text", OPENMETRICS),
        (PROMETHEUS_2_42, OPENMETRICS),
        (PROMETHEUS_2_55, OPENMETRICS),
        (PROMETHEUS_3_TEXT, TEXT),
        (BROWSER, JSON),
        ("text/plain;q=0.5, application/json;q=0.4", TEXT),
        ("text/plain;q=0.4, application/json;q=0.5", JSON),
        ("text/plain, application/json", JSON),
        ("*/*;q=0.1, application/json;q=0", TEXT),
        ("application/json;q=0, */*", TEXT),
        ("application/*;q=0, */*", TEXT),
        ("text/plain;q=2, application/json;q=0.1", JSON),
        ("text/plain;q=loud, application/json;q=0.1", JSON),
        ("text/plain;q=nan, application/json;q=0.1", JSON),
        ("nonsense", JSON),
        (", ,;", JSON),
    ],
)
def test_the_form_that_is_wanted_most_is_chosen(accept: str, expected: MediaType) -> None:
    """The most exact range decides for each form, the order of offers between equals."""
    assert preferred(accept, OFFERS) == expected


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "image/*",
        "*/*;q=0",
        "application/json;q=0",
        "text/plain;version=1.0.0",
        "application/openmetrics-text;version=0.0.1",
    ],
)
def test_a_client_that_takes_none_of_the_forms_gets_the_first(accept: str) -> None:
    """RFC 9110 allows it; another version of a format is another format, and not chosen for it."""
    assert preferred(accept, OFFERS) == JSON
