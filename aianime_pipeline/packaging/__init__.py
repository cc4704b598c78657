"""The episode's ZIP: its names, its layout, its manifest. Knows stored objects, not the database."""
