"""What happened: readers that make observations, and the journal of them."""
