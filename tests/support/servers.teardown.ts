import { stopStarted } from "./servers.setup";

export default stopStarted;
