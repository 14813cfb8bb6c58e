"""The progress page: one file of HTML with its plots."""
