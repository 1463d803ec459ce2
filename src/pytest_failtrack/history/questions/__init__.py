"""Questions to an open history, each answered in SQL; asked by the commands and by the reports."""
