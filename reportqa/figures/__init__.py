"""Passages → the figures in them: number, unit, indicator, year, achieved or planned."""

from reportqa.figures.extract import extract_figures
from reportqa.figures.finding import find_figures, indicator_score, page_figures
from reportqa.figures.table import write_figures

__all__ = [
    "extract_figures",
    "find_figures",
    "indicator_score",
    "page_figures",
    "write_figures",
]
