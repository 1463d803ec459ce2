"""Who hears of it: one destination a file, each receives the digest and knows its own limits."""
