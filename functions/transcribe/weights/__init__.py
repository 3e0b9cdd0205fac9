"""Where the speech model's weights come from."""
