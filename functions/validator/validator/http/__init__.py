"""HTTP: requests as API Gateway sends them, what a POST holds, answers, and `openapi.json`."""
