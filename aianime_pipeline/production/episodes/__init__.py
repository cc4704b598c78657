"""Episodes: found as rows, listed, and how they stand."""
