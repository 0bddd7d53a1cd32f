"""From one input to one result folder: the only room that joins sources, model, coach, overlay and files."""

from formcoach.analysis.analyze import AnalysisResult, analyze_input
from formcoach.analysis.options import AnalysisOptions, Monitor

__all__ = ["AnalysisOptions", "AnalysisResult", "Monitor", "analyze_input"]
