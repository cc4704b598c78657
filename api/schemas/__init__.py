"""Answers and bodies that several routes share."""
