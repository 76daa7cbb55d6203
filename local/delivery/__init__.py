"""What a delivery needs besides `sam`: a plan, a smoke test, and a way back."""
