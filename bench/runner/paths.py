"""Where things are."""

from pathlib import Path

BENCH = Path(__file__).resolve().parent.parent
ROOT = BENCH.parent
VENV = BENCH / ".venv"
BUN = BENCH / ".bun"
RESULTS = BENCH / "results" / "results.json"
REPORT = BENCH / "RESULTS.md"
PROFILES = BENCH / "profiles"
