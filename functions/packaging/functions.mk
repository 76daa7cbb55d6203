# What `sam build` runs for each function, in the repository's root. SAM does not tell make the
# architecture, so the template's ContextPath picks the Makefile of its Architecture parameter.
PYTHON ?= python3.13

# The operations that a function calls: its package has botocore's data of these alone, and a client
# has no method for another. botocore calls HeadBucket itself, to find a bucket of another Region.
build-ValidatorFunction build-AuthorizerFunction: PACKAGE := validator --operations \
  s3.GetObject s3.HeadBucket s3.ListObjectsV2 s3.PutObject sqs.SendMessageBatch ssm.GetParametersByPath
build-UploaderFunction: PACKAGE := uploader --operations \
  s3.HeadBucket s3.PutObject sqs.ChangeMessageVisibilityBatch
build-CanaryFunction build-ValidatorCheckFunction build-UploaderCheckFunction: PACKAGE := canary --operations \
  codedeploy.PutLifecycleEventHookExecutionStatus lambda.Invoke s3.HeadBucket s3.ListObjectsV2 \
  sns.Publish sqs.GetQueueAttributes ssm.GetParameter
build-LatencyProbeFunction: PACKAGE := latency_probe

build-%:
	@$(PYTHON) -c 'import pip, sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null || { \
	  echo 'The build needs Python 3.13 with pip: put python3.13 on PATH or set PYTHON to it.' >&2; exit 1; }
	@$(PYTHON) functions/packaging/build.py $(PACKAGE) --architecture $(ARCHITECTURE) --output "$(ARTIFACTS_DIR)"
