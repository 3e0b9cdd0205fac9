"""Words, stems and phrases of a language."""
