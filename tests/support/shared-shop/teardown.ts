import { stopSharedShops } from "./shops";

export default stopSharedShops;
