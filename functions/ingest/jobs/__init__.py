"""Jobs as the API sees them: started, tried again, and given up."""
