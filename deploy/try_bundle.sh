#!/usr/bin/env bash
# Unpacks a bundle into a fresh folder, installs it and asks it a question, all with the network
# closed: in a network namespace of its own, which has no way out.
#   deploy/try_bundle.sh BUNDLE.tar PYTHON
set -euo pipefail
bundle=$(realpath "$1")
python=$2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tar -x -f "$bundle" -C "$work"
env -i PATH="$PATH" HOME="$work/home" PYTHON="$python" REPORTQA_CACHE="$work/cache" \
    PIP_CONFIG_FILE=/dev/null unshare --map-root-user --net bash -euo pipefail -c '
        cd "$1"
        if [ "$(tail -n +3 /proc/self/net/dev | cut -d: -f1 | tr -d " ")" != lo ]; then
            echo "The network is open here, and this would prove nothing." >&2
            exit 1
        fi
        ./install.sh
        .venv/bin/python query.py "2024年江汉区地区生产总值预计完成多少？" -k 3 | tee answer.txt
        grep -q 1740亿元 answer.txt
    ' _ "$work/reportqa"
echo "The bundle installs and answers with no network."
