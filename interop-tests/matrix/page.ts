/** docs/interop.md. */
import { writeFileSync } from "node:fs";
import { root } from "./cache-folder.js";
import type { Cell } from "./cell.js";
import { captions, markdownTable, Reasons, summary } from "./tables.js";
import { transports } from "./transport.js";

export function writePage(cells: readonly Cell[], versions: ReadonlyMap<string, string>): void {
  const reasons = new Reasons();
  const tables = transports.map((each) => `## ${captions[each]}\n\n${markdownTable(cells, each, reasons)}\n`);
  const peers = [...versions].map(([name, version]) => `| ${name} | ${version} |`);
  const page = `# Interoperation

Every case of gRPC's interoperability tests
([the document](https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md)), two more of grpc-java and of gRFC
A105, and three that the document only sketches, between this library and six others, both ways. Written by
\`npm run interop -- --write\` on ${new Date().toISOString().slice(0, 10)}, with Node ${process.versions.node}: ${summary(cells)}.

| peer | version |
| --- | --- |
${peers.join("\n")}

In each cell there are two marks: our client with their server, and their client with our server. ✓ is passed, a number is a
reason below why the other side cannot do it, and · is not run.

${tables.join("\n")}
## Why not

${reasons.list.map((reason, i) => `${i + 1}. ${reason}`).join("\n")}
`;
  writeFileSync(`${root}docs/interop.md`, page);
}
