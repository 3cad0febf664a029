#!/bin/sh
# The key file of the replica set is made at the first start; it must belong to mongod and be readable by nobody else.
set -eu
key=/data/db/keyfile
if [ ! -f "$key" ]; then
	head -c 512 /dev/urandom | base64 | tr -d '\n' >"$key"
	chown mongodb:mongodb "$key"
	chmod 400 "$key"
fi
exec docker-entrypoint.sh mongod --replSet shop --keyFile "$key" --bind_ip_all --wiredTigerCacheSizeGB 0.5
