"""What something will cost, said before anything is asked for."""
