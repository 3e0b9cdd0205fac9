"""Defects of recordings that FFmpeg's demuxers do not detect."""
