"""Passages → the figures in them: number, unit, indicator, year, achieved or planned. Rules only."""

from reportqa.figures.extract import extract_figures
from reportqa.figures.finding import find_figures, indicator_score

__all__ = ["extract_figures", "find_figures", "indicator_score"]
