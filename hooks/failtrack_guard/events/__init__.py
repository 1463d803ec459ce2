"""Where a file gives, compares or annotates the type of an event; PV-001 reads it."""
