"""Whether what is shown says what was said: the same negations, quantifiers, numbers, modals and
comparatives. See docs/decisions/022-polarity-is-kept.md."""
