/** `node …/peers/connect-node/main.js server|client …` */
import { runProgram } from "../program.js";
import { cases } from "./cases.js";
import { serve } from "./service.js";

await runProgram({ serve, cases });
