"""What kind: category, failure type, severity and recovery of a failure."""
