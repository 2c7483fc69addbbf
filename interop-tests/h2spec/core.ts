/**
 * The runtime below its public doors. The suites want the HTTP/2 core by itself, which the package does not export: this is
 * taken from the compiled sources.
 */
const load = (path: string): Promise<unknown> =>
  import(new URL(`../../../runtime/build/src/${path}`, import.meta.url).href);

export const { HeaderBlock } = (await load(
  "hpack/header-block.js",
)) as typeof import("../../runtime/src/hpack/header-block.js");
export const { Http2Session } = (await load("http2/session.js")) as typeof import("../../runtime/src/http2/session.js");
export const { SessionDriver } = (await load(
  "transport/session-driver.js",
)) as typeof import("../../runtime/src/transport/session-driver.js");
export const { defaultTransportLimits } = (await load(
  "transport/transport-limits.js",
)) as typeof import("../../runtime/src/transport/transport-limits.js");
