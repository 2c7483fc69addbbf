/**
 * The entry `godwit/orca`: reports of a server's load apart from its calls, for clients that balance by it (gRFC A51,
 * out-of-band). Reports with calls need no service: see `ServerOptions.loadRecorder` and `HandlerContext.loadReport`.
 */

export { createLoadReports, type LoadReportsOptions } from "./orca/load-reports.js";
export { OpenRca, type OpenRcaClient, type OpenRcaHandlers } from "./orca/open-rca-definition.js";
