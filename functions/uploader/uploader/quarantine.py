"""Where a delivery goes that is no message of ours."""

import json

from .delivery import Delivery
from .faults import Reason
from .message import compact
from .write import Write


def quarantine_object(delivery: Delivery, reason: Reason) -> Write:
    """Return the object that keeps *delivery*: its bytes, why it is here, and how to replay it.

    The key is made of what SQS says about the message, so that every delivery has the same.
    Attributes beyond the 2 KB of metadata that S3 takes are refused by it, which counts as a
    passing fault: such a delivery ends in the dead-letter queue, whole.
    """
    metadata = {
        "reason": reason.value,
        "sqs_message_id": delivery.sqs_id,
        "sent_at": compact(delivery.sent_at),
        "message_attributes": json.dumps(delivery.attributes),
    }
    if delivery.group:
        metadata["message_group_id"] = delivery.group
    return Write(
        key=(
            f"quarantine/reason={reason.value}/dt={delivery.sent_at:%Y-%m-%d}/"
            f"{compact(delivery.sent_at)}_{delivery.sqs_id}.txt"
        ),
        # SQS sends no lone surrogates; an event made by hand might.
        body=delivery.body.encode(errors="surrogatepass"),
        content_type="text/plain; charset=utf-8",
        metadata=metadata,
        deliveries=(delivery,),
        messages=(),
    )
