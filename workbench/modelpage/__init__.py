"""The model page: a model's equations, parameters and behaviour, and the editor of one's own."""
