"""Fixes: from findings to the bytes of the fixed file. Nothing else imports libcst."""
