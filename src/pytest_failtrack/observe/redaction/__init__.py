"""What tells a secret: its shape, its name, its command, an echo; `redact.py` asks."""
