"""What a delivery needs besides `sam`: a plan, a smoke test, a way back, and tidying up."""
