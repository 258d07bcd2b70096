"""Tests of the style sheets."""
