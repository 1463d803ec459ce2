"""Static guards for the patterns a project relies on; see `failtrack-guard --help`."""
