#!/bin/sh
# Once a start: makes the replica set and the shop's own user, where they are missing.
set -eu
mongosh --quiet "mongodb://root:$MONGO_INITDB_ROOT_PASSWORD@mongo:27017/admin?directConnection=true" --eval '
	try { rs.status() } catch (err) {
		if (err.codeName !== "NotYetInitialized") throw err;
		rs.initiate({ _id: "shop", members: [{ _id: 0, host: "mongo:27017" }] });
	}
	while (!db.hello().isWritablePrimary) sleep(200);
	const shop = db.getSiblingDB("zjmall");
	if (!shop.getUser("shop")) shop.createUser({ user: "shop", pwd: process.env.MONGO_PASSWORD, roles: ["readWrite"] });
'
