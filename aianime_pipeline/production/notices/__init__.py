"""What people are told, each thing once, and whose notices are whose."""
