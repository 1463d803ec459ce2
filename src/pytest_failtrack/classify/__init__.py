"""What kind of failure it was: the taxonomy, the catalog and the answer to each observation."""
