/** A program that does nothing: what Node itself takes. */
import { tell } from "./tell.js";

tell(performance.now());
