"""The deployed CloudWatch dashboard, drawn in the browser from the emulator's own metrics."""

from .app import dashboard_app

__all__ = ["dashboard_app"]
