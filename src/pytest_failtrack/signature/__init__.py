"""Which one: a deterministic name for the cause of a failure."""
