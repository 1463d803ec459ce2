"""Stack traces as text, of Python and of other languages, become exceptions."""
