"""The command `failtrack`: one file a command, listed in main.py."""
