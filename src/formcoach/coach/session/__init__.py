"""A live session: what is said and asked when, as a pure machine that takes steps of the coach and answers."""
