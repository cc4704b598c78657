"""An episode's storyboard as rows: planned or read, kept, edited, frozen."""
