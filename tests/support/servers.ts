export {
	hasS3,
	startMongo,
	startNats,
	startOpenSearch,
	startRedis,
	startS3,
	type Server
} from "../../scripts/servers/local";
