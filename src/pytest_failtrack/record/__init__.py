"""The document: what is stored of a failure, and how it is checked."""
