"""A tracked run of pytest: the hooks of its processes, and what each holds between them."""
