"""What follows: owner, deadline, escalation and the verdict of the gate."""
