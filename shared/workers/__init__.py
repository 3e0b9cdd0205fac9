"""How a woken function works: a claim, a heartbeat, an attempt, its outcome, and what is given up."""
