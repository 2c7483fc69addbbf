/** The cluster of the runtime's tests, which are a project of their own. */
const { EchoCluster } = (await import(
  new URL("../../../runtime/build/test/support/echo-cluster.js", import.meta.url).href
)) as typeof import("../../runtime/test/support/echo-cluster.js");

export { EchoCluster };
