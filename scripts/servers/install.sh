#!/usr/bin/env bash
# Installs the servers of the distributed mode for development: nats-server and redis-server from Debian, mongo-java-server from
# Maven Central. For tests also libfaketime, which sets the clock of a shop, and Chromium, which opens pages of other origins.
set -euo pipefail
cd "$(dirname "$0")/../.."

missing=()
command -v nats-server >/dev/null || missing+=(nats-server)
command -v redis-server >/dev/null || missing+=(redis-server)
command -v java >/dev/null || missing+=(openjdk-17-jre-headless)
command -v mvn >/dev/null || missing+=(maven)
compgen -G "/usr/lib/*/faketime/libfaketimeMT.so.1" >/dev/null || missing+=(libfaketime)
command -v chromium >/dev/null || missing+=(chromium)
if ((${#missing[@]})); then
	if ! command -v apt-get >/dev/null; then
		echo "这里没有 apt-get：请自行安装 / no apt-get here: install these yourself (brew, dnf, …), then run this again: ${missing[*]}"
		echo "或只用 Docker / or use Docker alone: docker compose -f deploy/servers.compose.yml up -d --wait"
		exit 1
	fi
	as_root=()
	[ "$(id -u)" = 0 ] || as_root=(sudo)
	"${as_root[@]}" apt-get update -qq
	"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
scripts/servers/install-mongo.sh
