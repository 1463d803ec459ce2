"""Who hears of it: one destination a file, all of them fed with a digest."""
