"""The same synthetic episode, and the ways of making its film that `film.py` measures against each other."""
