"""The same service as it is often found: it asks SSM for the tokens at each request."""

import flask_app  # type: ignore[import-not-found]  # beside it once packed

flask_app.known_tokens = flask_app.read_tokens
app = flask_app.app
