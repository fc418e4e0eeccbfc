"""A push: a batch to one chat, named by its caller, sent once, with the files that belong to it."""
