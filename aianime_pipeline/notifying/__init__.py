"""What a message is in each channel's form, when it may go, and what the answer to it means. Pure."""
