"""Still pictures, drawn: flat, layered key frames of a shot, and reference sheets of its assets (`drawing.py`).

The same request gives the same pixels in every process: nothing here looks at a clock, at the global random state or
at the order of a hash table.
"""
