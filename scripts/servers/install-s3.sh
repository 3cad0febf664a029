#!/usr/bin/env bash
# Builds Versity S3 Gateway (Apache-2.0, tests only) into the cache, once: some 150 s of one core, so CI does without it.
set -euo pipefail
cd "$(dirname "$0")/../.."

cache=node_modules/.cache/zjmall/versitygw
[ -x "$cache/versitygw" ] && exit 0
mkdir -p "$cache"
GOBIN="$PWD/$cache" go install github.com/versity/versitygw/cmd/versitygw@v1.8.0
