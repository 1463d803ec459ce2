"""What we know: evidence files, and the local index over them."""
