"""What is kept on disk: the user's documents and the shipped examples."""
