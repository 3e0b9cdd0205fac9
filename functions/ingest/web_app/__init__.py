"""The app's web files, under `/app/`: what `make app` has put into `export/`."""
