"""The uploader: stores every message that SQS hands it in S3, exactly once.

The way of an SQS event, file by file:

1. `handler` receives the event and puts the parts together; `settings` and `aws` set it up.
2. `record` reads the event into records.
   Records that were received before are hidden apart from each other first (`visibility`), so
   that a record that kills the function takes others with it only for a while.
3. `store` takes the whole batch through the steps 4 to 7 and returns its outcome.
4. `message` parses each record into a Weir message, or says why it is not one.
5. `objects` says what is written: each object's key, content and metadata, quarantine included.
6. `workers` runs the writes side by side, within the time that the invocation has left.
7. `bucket` writes one object to S3, once per key.
8. `telemetry` publishes the outcome as metrics and log lines.
9. `visibility` makes failed records wait; `handler` then names them in its answer to SQS.

`failures` is the failure policy: it names each way in which a step can fail, and what follows.
"""
