"""Layers, and every way in which a module reaches another; VAL-3 reads it."""
