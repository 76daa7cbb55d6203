"""Senders as they are: libraries that sign webhooks and write CloudEvents, unmodified."""

import hmac
import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import stripe
from cloudevents.core.bindings.http import to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent
from cloudevents.v1 import conversion
from cloudevents.v1 import http as old_api
from standardwebhooks import Webhook

SECRETS = {
    "standard-webhooks": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "github": "It's a Secret to Everybody",
    "stripe": "whsec_5ecret5ecret5ecret5ecret5ecret",
}
Sent = tuple[dict[str, str], bytes]


def entry(scheme: str, *secrets: str, **members: Any) -> dict[str, Any]:
    """Return the entry of a client that signs by *scheme*."""
    return {
        "tokens": [],
        "contracts": ["*"],
        "rights": ["send"],
        "suspended": False,
        "signing": {"scheme": scheme, "secrets": list(secrets or (SECRETS[scheme],))},
        **members,
    }


def standard_webhook(data: Any, moment: datetime | None = None, secret: str = "") -> Sent:
    """Return a webhook as the reference library of Standard Webhooks signs it."""
    moment = moment or datetime.now(UTC)
    body = json.dumps(data)
    message_id = f"msg_{data['id']}"
    signature = Webhook(secret or SECRETS["standard-webhooks"]).sign(message_id, moment, body)
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": signature,
    }, body.encode()


def github_webhook(data: Any, secret: str = "") -> Sent:
    """Return a webhook as GitHub documents it."""
    body = json.dumps(data, ensure_ascii=False, indent=1).encode()
    digest = hmac.digest((secret or SECRETS["github"]).encode(), body, "sha256").hex()
    return {
        "content-type": "application/json",
        "user-agent": "GitHub-Hookshot/044aadd",
        "x-github-delivery": str(uuid.uuid5(uuid.NAMESPACE_URL, str(data["id"]))),
        "x-github-event": "issues",
        "x-hub-signature": "sha1=7d38cdd689735b008b3c702edd92eea23791c5f6",
        "x-hub-signature-256": f"sha256={digest}",
    }, body


def stripe_webhook(data: Any, time: int | None = None, secret: str = "") -> Sent:
    """Return a webhook as Stripe's own helper signs it."""
    body = json.dumps(data, indent=2)
    header = stripe.WebhookSignature.generate_signature_header(
        body, secret or SECRETS["stripe"], time
    )
    return {
        "content-type": "application/json; charset=utf-8",
        "stripe-signature": str(header),
    }, body.encode()


WEBHOOKS: dict[str, Callable[..., Sent]] = {
    "standard-webhooks": standard_webhook,
    "github": github_webhook,
    "stripe": stripe_webhook,
}


def _attributes(data: Any) -> dict[str, Any]:
    return {
        "id": str(data["id"]),
        "type": "com.example.someevent",
        "source": "/mycontext",
        "subject": "Euro € 😀",
        "datacontenttype": "application/json",
    }


def new_binary(data: Any) -> Sent:
    """Return an event in binary mode, by the SDK's API of 2026."""
    message = to_binary_event(CloudEvent(_attributes(data), data))
    return dict(message.headers), _bytes(message.body)


def new_structured(data: Any) -> Sent:
    """Return an event in structured mode, by the SDK's API of 2026."""
    message = to_structured_event(CloudEvent(_attributes(data), data))
    return dict(message.headers), _bytes(message.body)


def old_binary(data: Any) -> Sent:
    """Return an event in binary mode, by the SDK's first API, which encodes no header."""
    event = old_api.CloudEvent(_attributes(data) | {"subject": "Euro"}, data)
    headers, body = conversion.to_binary(event)
    return dict(headers), _bytes(body)


def old_structured(data: Any) -> Sent:
    """Return an event in structured mode, by the SDK's first API."""
    headers, body = conversion.to_structured(old_api.CloudEvent(_attributes(data), data))
    return dict(headers), _bytes(body)


def old_base64(data: Any) -> Sent:
    """Return an event whose data are bytes of JSON."""
    event = old_api.CloudEvent(_attributes(data), json.dumps(data).encode())
    headers, body = conversion.to_structured(event, data_marshaller=lambda raw: raw)
    return dict(headers), _bytes(body)


EVENTS: dict[str, Callable[..., Sent]] = {
    "new API, binary": new_binary,
    "new API, structured": new_structured,
    "old API, binary": old_binary,
    "old API, structured": old_structured,
    "old API, base64": old_base64,
}


def _bytes(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else bytes(body)
