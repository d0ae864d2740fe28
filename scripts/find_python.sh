#!/bin/sh
# Prints the first Python that is new enough and can make an environment; says what is missing where none can.
# It is the interpreter below any environment that is active: that one may be about to be cleared.
# usage: find_python.sh [PYTHON]

named=${1:-}
[ -n "$named" ] || set -- python3.11 python3.12 python3.13 python3.14 python3 python

found= no_venv= package=
for python; do
    version=$("$python" -c 'import sys; print(".".join(map(str, sys.version_info[:3])))' 2>/dev/null) || {
        found="$found${named:+, $named does not run}"
        continue
    }
    if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        found="$found, $python is $version"
    elif ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
        no_venv="$no_venv $python"
        package=${package:-python${version%.*}-venv}
    else
        exec "$python" -c 'import os, sys; print(os.path.realpath(sys.executable))'
    fi
done

{
    if [ -n "$no_venv" ]; then
        echo "error: no environment can be made by$no_venv: the module venv or ensurepip is missing."
        echo "Install it (Debian and Ubuntu: apt install $package) and run make again."
    else
        echo "error: Python 3.11 or newer is needed.${found:+ Found: ${found#, }.}"
        echo "Install one and run make again, or name one that is elsewhere: make PYTHON=/path/to/python3.11"
    fi
} >&2
exit 1
