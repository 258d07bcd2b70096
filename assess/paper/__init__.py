"""Rating on paper: the form to print, keying it in, and comparing a second entry."""
