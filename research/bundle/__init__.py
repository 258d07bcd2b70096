"""The data bundle: one zip with the numbers of a study in every format researchers ask for."""
