"""Where a name gets its value, and which strings are plain; PV-002 reads it."""
