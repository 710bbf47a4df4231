#!/usr/bin/env bash
# Puts on this machine what the browser tests drive: a Chromium and a font with Chinese in it.
# Does nothing where both are there; asks for root only to call apt-get.
set -euo pipefail

has_browser() {
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        if command -v "$name" >/dev/null; then return 0; fi
    done
    return 1
}

has_chinese_font() {
    command -v fc-list >/dev/null && [ -n "$(fc-list :lang=zh-cn family)" ]
}

wanted=()
has_browser || wanted+=(chromium)
has_chinese_font || wanted+=(fontconfig fonts-noto-cjk)
if [ ${#wanted[@]} -eq 0 ]; then exit 0; fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo -n); fi

if ! command -v apt-get >/dev/null || ! "${as_root[@]}" true 2>/dev/null; then
    echo "The browser tests need a Chromium (or Chrome) and a Chinese font, and this machine lacks:" >&2
    echo "    ${wanted[*]}" >&2
    echo "Install them as root (Debian's package names above), or run 'make test-quick' without them." >&2
    exit 1
fi

export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${wanted[@]}" >/dev/null

if ! has_browser || ! has_chinese_font; then
    echo "apt-get ended well, but there is still no Chromium or no Chinese font: ${wanted[*]}" >&2
    exit 1
fi
