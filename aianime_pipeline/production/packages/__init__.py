"""An episode's ZIP."""
