"""The local web pages on which sessions are looked back on: served on loopback, to one browser, and to nobody else.

Starlette and uvicorn serve them: small, well kept, typed, and files are sent in ranges, which a video needs. Pages are
written by templates and work without a script.
"""
