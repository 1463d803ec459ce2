"""What `failtrack run` does with a command: start it, listen to it, try it again."""
