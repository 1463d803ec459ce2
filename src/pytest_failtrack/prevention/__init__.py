"""The proof that a failure cannot come back: read `prove.py` first; `failtrack verify` asks."""
