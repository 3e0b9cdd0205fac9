"""How many tokens a text may take, without the model's own tokenizer.

Byte-level tokenizers make at most one token of a byte. Of prose in the scripts that Whisper
writes, those in use make 0.2 to 0.33 tokens a byte (English near the lower end; Chinese, of
three bytes a character, near the upper); JSON around it makes somewhat more. An endpoint
that counts more still says so, and gets less (ContextTooLongError).
"""

BYTES_PER_TOKEN = 3


def estimate_tokens(text: str) -> int:
    """Of the text in UTF-8, rather too many than too few."""
    return len(text.encode()) // BYTES_PER_TOKEN + 1
