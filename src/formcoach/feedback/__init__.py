"""What the person sees and hears. Does not know where frames come from."""
