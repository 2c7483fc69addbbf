import { ipBytes } from "../ip-bytes.js";
import { ProxyExceptions } from "./proxy-exceptions.js";

/** A variable of the environment. */
export type Environment = (name: string) => string | undefined;

/** Which proxy is meant, not read yet, and for whom it is not. */
export interface ProxySetting {
  /** What says so: goes into sentences. */
  readonly source: string;
  readonly url: string;
  exempts(host: string, port: number): boolean;
}

/**
 * The first that is set counts, and set to nothing it means no proxy. `HTTP_PROXY` is not among them: in a CGI program it is a
 * header of a request (CVE-2016-5385).
 */
const proxyVariables = ["grpc_proxy", "GRPC_PROXY", "https_proxy", "HTTPS_PROXY", "http_proxy"];
const exceptionVariables = ["no_grpc_proxy", "NO_GRPC_PROXY", "no_proxy", "NO_PROXY"];

/**
 * @param option The channel's own: a URL, which holds for every host; false for none; undefined for what the environment says.
 */
export function proxySetting(option: string | false | undefined, env: Environment): ProxySetting | undefined {
  if (option === false) return undefined;
  if (option !== undefined) return { source: "proxy", url: option, exempts: () => false };
  const source = firstSet(proxyVariables, env);
  const url = source === undefined ? "" : (env(source) ?? "");
  if (source === undefined || url === "") return undefined;
  const exceptions = new ProxyExceptions(env(firstSet(exceptionVariables, env) ?? "") ?? "");
  return {
    source: `the environment's ${source}`,
    url,
    exempts: (host, port) => isThisHost(host) || exceptions.has(host, port),
  };
}

function firstSet(names: readonly string[], env: Environment): string | undefined {
  return names.find((name) => env(name) !== undefined);
}

/** What is on this host no proxy has to reach (as in Go). */
function isThisHost(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, "");
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  const bytes = ipBytes(name);
  if (bytes === undefined) return false;
  const isIpv4 = bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  return isIpv4 ? bytes[12] === 127 : bytes.subarray(0, 15).every((byte) => byte === 0) && bytes[15] === 1;
}
