"""What the app's browser tests (mobile/e2e) need: sound for a microphone, files to choose."""
