#!/usr/bin/env bash
# Unpacks a bundle into a fresh folder, installs it, asks it a question and opens its page, all with
# the network closed: in a network namespace of its own, which holds this machine and no way out.
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
        "$PYTHON" -c "
import fcntl, socket, struct
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
fcntl.ioctl(socket.socket(), SIOCSIFFLAGS, struct.pack(\"16sH14x\", b\"lo\", IFF_UP))"
        ./install.sh
        .venv/bin/python query.py "2024年江汉区地区生产总值预计完成多少？" -k 3 | tee answer.txt
        grep -q 1740亿元 answer.txt

        .venv/bin/python serve.py --port 7860 &
        trap "kill $! 2>/dev/null || true" EXIT
        for _ in $(seq 120); do
            .venv/bin/python deploy/healthy.py 2>/dev/null && break
            sleep 1
        done
        .venv/bin/python -c "
import urllib.request
page = urllib.request.urlopen(\"http://127.0.0.1:7860/\", timeout=60).read().decode()
assert \"问报告\" in page, page[:500]"
        kill -TERM $!
        wait $!
    ' _ "$work/reportqa"
echo "The bundle installs, answers and opens its page with no network."
