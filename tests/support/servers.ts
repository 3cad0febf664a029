export { startMongo, startNats, startRedis, type Server } from "../../scripts/servers/local";
