"""An episode's film: its gate, its timeline with people's edits, its settings, and what it is made of."""
