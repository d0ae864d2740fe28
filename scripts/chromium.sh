#!/bin/sh
# Sees that there is a Chromium for the tests of the HTML report; installs Debian's where there is none.
# usage: chromium.sh [required|optional]
set -eu

for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
    if [ -n "$name" ] && command -v "$name" >/dev/null; then
        exit 0
    fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "==> Installing Chromium, in which the HTML report is tested (once; it takes a minute)"
    apt-get update --quiet=2
    DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes --no-install-recommends chromium >/dev/null
    exit 0
fi
echo "No Chromium was found, and it cannot be installed from here: the HTML report is not tested in a browser." >&2
echo "Install the package chromium, or name the browser's command in CHROMIUM." >&2
[ "${1:-optional}" != required ]
