"""The stages between observation and digest, for a run that has failures."""
