"""Evidence that ended, in archives: moved in and out, and read where it lies."""
