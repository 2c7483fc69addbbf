/** PROTOCOL-HTTP2, User-Agent: `grpc-`, language, variant, version. */
export const libraryUserAgent = "grpc-node-godwit/0.1.0";

const printableAscii = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/** Value of `user-agent`. Throws TypeError when the application's part cannot be sent. */
export function userAgent(application: string | undefined): string {
  if (application === undefined) return libraryUserAgent;
  if (printableAscii.test(application)) return `${application} ${libraryUserAgent}`;
  throw new TypeError(
    `userAgent is ${JSON.stringify(application)}: expected printable ASCII with no space at either end`,
  );
}
