"""The repository: where it is, what it holds, and the SAM command (standard library alone)."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FUNCTIONS = tuple(sorted(path.parent.name for path in ROOT.glob("functions/*/requirements.txt")))
SAM = [str(ROOT / ".venv-sam" / "bin" / "python"), "-m", "samcli"]
