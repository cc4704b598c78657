"""Budgets: limits as people set them, room reserved before a request is sent, and what is told of them."""
