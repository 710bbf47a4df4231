#!/usr/bin/env bash
# Installs what `make bundle` packed, beside itself, with no network: checks the files, makes .venv,
# installs the wheels, builds the index. PYTHON names the interpreter (of the bundle's version).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
python=${PYTHON:-python3}

sha256sum --quiet --check SHA256SUMS || { echo "The bundle is damaged: copy it again." >&2; exit 1; }
"$python" -m venv .venv
.venv/bin/python -m pip install --quiet --no-index --find-links wheels -r requirements.txt || {
    echo "The wheels were packed for another Python or another kind of machine;" \
        "name the right one: PYTHON=/path/to/python3.11 ./install.sh" >&2
    exit 1
}
.venv/bin/python build_index.py || test $? -eq 1
echo "Installed. Open the page with: .venv/bin/python serve.py"
