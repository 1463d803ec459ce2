"""What a history comes to: reports, files of aggregates, open causes."""
