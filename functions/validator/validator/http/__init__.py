"""HTTP: requests as API Gateway sends them, what a POST holds, answers, and the API's document."""
