"""Where things are."""

from pathlib import Path

BENCH = Path(__file__).resolve().parent.parent
ROOT = BENCH.parent
VENV = BENCH / ".venv"
RESULTS = BENCH / "results" / "results.json"
REPORT = BENCH / "RESULTS.md"
PROFILES = BENCH / "profiles"
