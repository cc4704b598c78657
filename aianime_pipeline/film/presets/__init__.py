"""Export presets: what a film file is to be like."""
