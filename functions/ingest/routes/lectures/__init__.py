"""Operations on one lecture: from its upload to its deletion."""
