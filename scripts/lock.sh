#!/bin/sh
# Renews the lock files with the uv of .venv.
# usage: lock.sh [--upgrade]
set -eu

# Universal: one lock for every platform and every Python from 3.11. Without addresses: where packages come from
# is the business of each machine.
compile() {
    output=$1
    shift
    echo "==> $output"
    uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
        --python-version 3.11 --output-file "$output" "$@"
}
compile requirements.lock pyproject.toml --group dev "$@"
compile requirements-synth.lock pyproject.toml --group synth --constraints requirements.lock "$@"
compile requirements-floor.lock pyproject.toml --group test --constraints constraints-floor.txt "$@"
compile requirements-validate.lock --group pyproject.toml:validate "$@"
compile requirements-node22.lock --group pyproject.toml:node22 "$@"
compile requirements-docs.lock --group pyproject.toml:docs "$@"
compile requirements-e2e.lock pyproject.toml --group e2e "$@"

echo "==> package-lock.json"
npm install --package-lock-only --loglevel=error
