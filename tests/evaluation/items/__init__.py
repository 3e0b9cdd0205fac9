"""Items of study material one by one: faults that can be counted, and samples to be read."""
