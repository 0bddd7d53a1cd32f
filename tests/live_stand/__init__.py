"""A stand on which the whole program runs: a camera made of a clip, a display, a sound card, and the program itself."""
