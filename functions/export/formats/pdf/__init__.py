"""A booklet to print, set by Typst."""
