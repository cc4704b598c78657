"""Who makes: the built-in provider and the vendors behind one face, and whether they can be used."""
