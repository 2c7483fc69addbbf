import { type HttpRequest, type HttpResponse, secureUrlProblem, shownUrl } from "../base/http.js";
import { inRootScope } from "./root-scope.js";
import { httpError } from "./system-error.js";

/**
 * Asks with Node's own `fetch`. A redirect is not followed: whoever may answer for a host would say where the secrets of a
 * request go. The answer serves many calls, so that it is none of the caller's context.
 */
export async function nodeFetch(request: HttpRequest): Promise<HttpResponse> {
  const problem = secureUrlProblem(request.url);
  if (problem !== undefined) throw new Error(`URL ${shownUrl(request.url)} ${problem}`);
  const timeout = AbortSignal.timeout(Math.max(1, Math.ceil(request.timeoutMs)));
  try {
    return await inRootScope(exchange, request, timeout);
  } catch (cause) {
    if (!timeout.aborted) throw httpError(request.method, shownUrl(request.url), cause);
    throw new Error(
      `${request.method} ${shownUrl(request.url)} was not answered within ${Math.round(request.timeoutMs)} ms`,
    );
  }
}

async function exchange(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
  const { method, url, headers = {}, body, maxBytes } = request;
  const init: RequestInit = { method, headers, signal, redirect: "manual" };
  const response = await fetch(url, body === undefined ? init : { ...init, body });
  if (response.status >= 300 && response.status < 400) {
    await response.body?.cancel();
    throw new Error(`answered ${response.status}: redirects are not followed`);
  }
  const bytes = await readBody(response, maxBytes);
  return { status: response.status, header: (name) => response.headers.get(name) ?? undefined, body: bytes };
}

/** What is too long is not read to its end. */
async function readBody({ body }: Response, maxBytes: number): Promise<Uint8Array> {
  if (body === null) return new Uint8Array(0);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks, size));
}
