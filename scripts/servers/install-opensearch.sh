#!/usr/bin/env bash
# Downloads the jars of OpenSearch (52 MB, tests only) from Maven Central to the cache, once.
set -euo pipefail
cd "$(dirname "$0")"
. ./install-jars.sh
install_jars opensearch
