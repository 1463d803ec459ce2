"""What happened: readers that turn what was seen into observations, and the journal that keeps them."""
