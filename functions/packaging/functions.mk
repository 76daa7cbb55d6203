# What `sam build` runs for each function, in the repository's root. SAM does not tell make the
# architecture, so the template's ContextPath picks the Makefile of its Architecture parameter.
PYTHON ?= python3.13

# The AWS services whose botocore data a function reads; a client of another raises UnknownServiceError.
build-ValidatorFunction build-AuthorizerFunction: PACKAGE := validator --services s3 sqs ssm
build-UploaderFunction: PACKAGE := uploader --services s3 sqs
build-LatencyProbeFunction: PACKAGE := latency_probe

build-%:
	@$(PYTHON) -c 'import pip, sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null || { \
	  echo 'The build needs Python 3.13 with pip: put python3.13 on PATH or set PYTHON to it.' >&2; exit 1; }
	@$(PYTHON) functions/packaging/build.py $(PACKAGE) --architecture $(ARCHITECTURE) --output "$(ARTIFACTS_DIR)"
