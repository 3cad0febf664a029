import { prepareSharedShops } from "./shops";

export default prepareSharedShops;
