"""What was consumed and what it cost: recorded, summed up, given out as files."""
