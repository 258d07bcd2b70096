"""Puts the page of trends together: choices, sentences, tables."""
