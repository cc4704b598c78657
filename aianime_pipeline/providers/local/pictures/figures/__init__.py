"""Drawn people. Lengths are in head heights from the middle of the head, y downward; a figure facing away from the
picture's right side is drawn facing right and mirrored. `cutout.py` puts the parts together and lights them.
"""
