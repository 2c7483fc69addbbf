import { insecureServer } from "godwit";
import { runPlainServer } from "../plain-server.js";

await runPlainServer(insecureServer());
