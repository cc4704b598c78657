"""Handing out files over HTTP: which part of one is asked for, under which name it goes, and the answer itself."""
