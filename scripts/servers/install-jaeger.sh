#!/usr/bin/env bash
# Builds Jaeger 2 (Apache-2.0, tests only) into the cache, once: some 700 s of one core and 2.5 GB of memory, so CI does without it.
set -euo pipefail
cd "$(dirname "$0")/../.."

cache="$PWD/node_modules/.cache/zjmall/jaeger"
[ -x "$cache/jaeger" ] && exit 0
mkdir -p "$cache/module"
cd "$cache/module"
[ -f go.mod ] || go mod init jaeger-for-tests
go get -tool github.com/jaegertracing/jaeger/cmd/jaeger@v1.76.0
go build -p 1 -o ../jaeger github.com/jaegertracing/jaeger/cmd/jaeger
