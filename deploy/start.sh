#!/bin/sh
# Brings the index up to date with the corpus, then opens the page. Arguments go to serve.py.
# Exit code 1 of the build says that a file was skipped and named; the others are there.
set -eu
python build_index.py --corpus corpus --index index || test $? -eq 1
exec python serve.py --index index --host "${REPORTQA_HOST:-0.0.0.0}" --port "${REPORTQA_PORT:-7860}" "$@"
