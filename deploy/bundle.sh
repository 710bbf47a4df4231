#!/usr/bin/env bash
# Puts all that a machine without a network needs into one file: the program, the reports, and every
# Python package it needs as a wheel for this Python and this kind of machine.
#   deploy/bundle.sh PYTHON OUT.tar [what pip download should be told, too]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=$1
out=$2
shift 2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
folder=$work/reportqa
mkdir -p "$folder/index" "$(dirname "$out")"
tar -c --exclude=__pycache__ build_index.py query.py serve.py evaluate.py requirements.txt reportqa \
    corpus deploy index/README.md README.md README.zh-CN.md LICENSE | tar -x -C "$folder"
"$python" -m pip download --quiet --only-binary=:all: --dest "$folder/wheels" "$@" -r requirements.txt
mv "$folder/deploy/install.sh" "$folder/install.sh"
(cd "$folder" && find . -type f ! -name SHA256SUMS -print0 | sort -z | xargs -0 sha256sum >"$work/sums")
mv "$work/sums" "$folder/SHA256SUMS"
tar -c -f "$out.part" -C "$work" reportqa
mv "$out.part" "$out"
echo "$out: $(du -h "$out" | cut -f1), $(find "$folder/wheels" -name '*.whl' | wc -l) wheels"
