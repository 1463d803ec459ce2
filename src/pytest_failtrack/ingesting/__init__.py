"""Failures and evidence from elsewhere: other tools, other jobs, other machines."""
