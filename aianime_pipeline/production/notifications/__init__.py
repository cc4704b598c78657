"""Notices on their way out of the house: channels, what is handed to them, and sending it once."""
