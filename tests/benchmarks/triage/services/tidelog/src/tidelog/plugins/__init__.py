"""Rules that come with tidelog."""
