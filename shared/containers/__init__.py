"""What recorders leave behind that FFmpeg's demuxers do not notice."""
