"""The picture of a film: cut into pieces, each encoded once and kept by its content."""
