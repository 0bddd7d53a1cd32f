"""The room of live sessions: joins capture, model, coach, director, voice, window and recording with threads."""
