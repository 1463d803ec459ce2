"""What a file says: its scopes and names, and what other files say of them."""
