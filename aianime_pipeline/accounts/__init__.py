"""People: who they are, how they show it, and what they may do. `rights.py` is the table; the rest are services."""
