"""What formcoach needs of this computer, checked and told as data. Prints nothing, sends nothing, makes no folder.

A room of its own, because it looks into several rooms and must start where their libraries are missing: what they need
is imported within each check.
"""

from formcoach.checks.check import Check, Verdict, worst_verdict
from formcoach.checks.run import run_checks

__all__ = ["Check", "Verdict", "run_checks", "worst_verdict"]
