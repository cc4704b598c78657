"""The sound of a film: every source at its sample, mixed, brought to its loudness, encoded in stretches."""
