"""The uploader: SQS hands it batches; it stores every message in S3 once and loses none."""
