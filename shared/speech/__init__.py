"""From what was recognized, segment by segment, to a lecture's transcript."""
