"""Whisper on this machine, through faster-whisper."""
