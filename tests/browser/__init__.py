"""What the app's browser tests (mobile/e2e) need: sound for the fake microphone, files to choose."""
