"""The lines of logs: what a CI puts around them, how much they say, what they cite."""
