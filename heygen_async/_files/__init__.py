"""Files: inputs, uploads, downloads, checksums, progress."""
