"""Which requests are let in: who asks, how often, how many at a time."""
