"""An episode's screenplay as rows: written by an import, edited, locked."""
