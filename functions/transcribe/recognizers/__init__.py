"""Speech recognizers, each behind one protocol."""
