/** `node --import use-build.js`: the folder in GODWIT_BUILD stands in the place of the package. */
import { register } from "node:module";

register("./resolve-build.js", import.meta.url, { data: process.env["GODWIT_BUILD"] });
