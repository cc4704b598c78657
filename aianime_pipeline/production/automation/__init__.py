"""The pipeline runs itself: which work nobody asked for yet, and asking for it."""
