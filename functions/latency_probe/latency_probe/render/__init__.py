"""The forms of the answer: JSON, Prometheus text and OpenMetrics."""
