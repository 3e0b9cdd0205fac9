"""What a person may do with everything of theirs: have it exported, have it deleted."""
