"""Study notes as CommonMark."""
