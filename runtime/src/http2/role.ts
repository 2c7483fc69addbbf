/** Which end of a connection a session is. */
export type Role = "client" | "server";
