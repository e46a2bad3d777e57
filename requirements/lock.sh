#!/usr/bin/env bash
# Renews the two files of locked versions. Needs uv; the torch family is left to ultralytics and the platform.
set -euo pipefail
cd "$(dirname "$0")/.."

lock() {
    local out=$1
    shift
    uv pip compile pyproject.toml --quiet --universal --python-version 3.10 --no-header --no-annotate \
        --no-emit-index-url --no-emit-find-links --upgrade --output-file "$out" "$@" > /dev/null
    sed -i -E '/^(torch|torchvision|triton|nvidia-[a-z0-9-]+|cuda-[a-z0-9-]+)==/d' "$out"
}

lock requirements/run.txt
lock requirements/test.txt --extra train --extra test --extra lint --constraint requirements/run.txt
