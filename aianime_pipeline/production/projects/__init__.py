"""Projects and what their owners decide."""
