"""Python imports this at its start where conftest.py put the folder on PYTHONPATH."""

import closed_network  # noqa: F401
