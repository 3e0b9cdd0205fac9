"""What a log line may say, and what is withheld."""
