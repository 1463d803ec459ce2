"""The reports: what each of them says, as values that every renderer in `sinks` understands."""
