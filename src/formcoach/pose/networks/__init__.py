"""formcoach's own small networks: what pixels say about trunk and legs beyond the landmarks."""
