"""Events that wake a function, and the messages that it sends."""
