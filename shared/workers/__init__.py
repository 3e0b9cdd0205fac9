"""How a woken function works: a claim, a heartbeat, an attempt and its outcome; dead letters."""
