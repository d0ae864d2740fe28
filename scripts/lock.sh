#!/bin/sh
# Renews the lock files with a pinned uv in an environment of its own, so that none needs to be installed.
# usage: lock.sh [--upgrade]
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python -m venv "$folder"
"$folder/bin/python" -m pip install --quiet uv==0.13.9

# Universal: one lock for every platform and every Python from 3.11. Without addresses: where packages come from
# is the business of each machine.
compile() {
    output=$1
    shift
    echo "==> $output"
    "$folder/bin/uv" pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
        --python-version 3.11 --output-file "$output" "$@"
}
compile requirements.lock pyproject.toml --group dev "$@"
compile requirements-floor.lock pyproject.toml --group test --constraints constraints-floor.txt "$@"
compile requirements-docs.lock --group pyproject.toml:docs "$@"
compile requirements-e2e.lock pyproject.toml --group e2e "$@"

echo "==> package-lock.json"
npm install --package-lock-only --loglevel=error
