"""Processes of the local stack: started, watched, logged, ended."""
