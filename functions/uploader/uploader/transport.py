"""What botocore raises when no whole answer came back, whichever service was asked."""

from botocore.exceptions import ConnectionError as NoConnectionError
from botocore.exceptions import HTTPClientError
from botocore.parsers import ResponseParserError

# No connection, one that broke or timed out, and one that broke in the middle of an error's text.
NO_ANSWER = (NoConnectionError, HTTPClientError, ResponseParserError)
