"""Study notes as a Word document."""
