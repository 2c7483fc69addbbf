/** The entry `godwit/services`: every service that this package brings, in one. */

export * from "./channelz.js";
export * from "./health.js";
export * from "./orca.js";
export * from "./reflection.js";
