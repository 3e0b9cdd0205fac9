"""Where speech is in a recording, and the segments and pieces that it is cut into."""
