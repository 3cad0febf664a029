export { hasS3, startMongo, startNats, startRedis, startS3, type Server } from "../../scripts/servers/local";
