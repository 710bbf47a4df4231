"""Ask Chinese government reports a question; get passages with citations that can be checked."""

__all__ = ["__version__"]

__version__ = "0.1.0"
