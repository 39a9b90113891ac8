"""The nouns: frozen records with no input or output of their own, standard library only."""
