"""What the project made itself, so that nothing has to be downloaded: drawn pictures, weights."""
