"""`sam local` against the one-machine stack: the same functions, in Lambda's own container."""
