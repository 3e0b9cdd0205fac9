"""The kinds of files, each in a module or package of its own."""
