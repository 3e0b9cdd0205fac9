"""The lecture below its terms: passages, places of phrases, topics, the weight of sentences."""
