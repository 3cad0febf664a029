#!/usr/bin/env bash
# Downloads the jars of mongo-java-server (development and tests only) from Maven Central to the cache, once.
set -euo pipefail
cd "$(dirname "$0")/../.."

cache=node_modules/.cache/zjmall/mongo-java-server
[ -d "$cache/lib" ] && exit 0

# The jars go to a temporary folder that is then moved: a download that breaks off leaves no incomplete folder behind.
mkdir -p "$cache"
part=$(mktemp -d "$cache/part.XXXXXX")
trap 'rm -rf "$part"' EXIT
mvn -q -B -f scripts/servers/mongo-java-server/pom.xml dependency:copy-dependencies -DoutputDirectory="$PWD/$part"
chmod 755 "$part"
mv -T "$part" "$cache/lib" 2>/dev/null || [ -d "$cache/lib" ]
