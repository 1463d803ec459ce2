"""Evidence as commands read it: found, made into causes, and asked for one of them."""
