"""The API's resources, one file each: every method is one operation, named as `AsyncHeyGen` shows it."""
