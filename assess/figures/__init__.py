"""Figures for papers, walls and web pages, drawn by Matplotlib without pyplot."""
