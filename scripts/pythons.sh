# Finds Python interpreters; sourced by scripts/setup and .ci/run.

# The oldest Python that the project supports; `requires-python` in pyproject.toml says the same.
OLDEST_PYTHON=3.10

# Prints the path of Python X.Y: first from the PATH, then from pyenv. Fails when there is none.
find_python() {
    local version=$1 candidate
    candidate=$(command -v "python$version" || true)
    # A pyenv shim exists for versions that are not switched on: it has to answer.
    if [ -n "$candidate" ] && is_python "$candidate" "$version"; then
        printf '%s\n' "$candidate"
        return
    fi
    for candidate in "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version".*/bin/python; do
        if [ -x "$candidate" ] && is_python "$candidate" "$version"; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    return 1
}

# True when the interpreter answers and is of exactly that minor version.
is_python() {
    [ "$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)" = "$2" ]
}

# Prints the interpreter to use where nobody chose one: `python3` if it is new enough, else the
# newest that can be found.
default_python() {
    local version
    if python3 -c "import sys; sys.exit(sys.version_info < (${OLDEST_PYTHON/./, }))" 2>/dev/null; then
        command -v python3
        return
    fi
    for version in 3.14 3.13 3.12 3.11 3.10; do
        find_python "$version" && return
    done
    echo "No Python >= $OLDEST_PYTHON was found. Name one: PYTHON=/path/to/python $0" >&2
    return 1
}
