"""Places, painted back to front. Lengths are in picture heights, x from 0 to the picture's aspect, y downward."""
