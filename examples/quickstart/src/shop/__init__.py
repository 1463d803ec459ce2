"""A small web shop: the code under test of the quickstart."""
