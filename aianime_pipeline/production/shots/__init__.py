"""Shots and their stages: what is due, what it is made from, how it is made, and when it is not tried again."""
