"""``python -m formcoach``."""

from formcoach.cli.main import run

if __name__ == "__main__":
    run()
