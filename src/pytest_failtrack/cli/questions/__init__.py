"""What the commands that ask the history share: filters, moments, tables."""
