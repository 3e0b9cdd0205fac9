"""Operations on a course and on what its lectures have in common."""
