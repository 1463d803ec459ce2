"""Runs that died, or could not write their evidence."""
