"""The `bital` command."""
