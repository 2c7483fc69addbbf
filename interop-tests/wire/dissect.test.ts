import assert from "node:assert/strict";
import { parseCounts, parseRemarks } from "./dissect.js";

const output = `
=====================================
| IO Statistics                     |
|                                   |
| Duration: 1.328 secs              |
| Interval: 1.328 secs              |
|                                   |
| Col 1: http2.type==1              |
|-----------------------------------|
|                |1                 |
| Interval       | Frames |  Bytes  |
|-----------------------------------|
| 0.000 <> 1.328 |    160 | 1685507 |
=====================================

=====================================
| IO Statistics                     |
|                                   |
| Col 1: grpc                       |
|-----------------------------------|
|  0.0 <> 25.3 |      0 |       0 | |
=====================================

Errors (6)
=============
   Frequency      Group           Protocol  Summary
           6  Malformed              HTTP2  Malformed Packet (Exception occurred)

Warns (41)
=============
   Frequency      Group           Protocol  Summary
          27   Sequence                TCP  TCP window specified by the receiver is now completely full
           1   Protocol                TLS  Something about TLS
`;

describe("what tshark prints", () => {
  it("is read as remarks, without those about TCP", () => {
    assert.deepEqual(parseRemarks(output), [
      { severity: "Errors", count: 6, protocol: "HTTP2", summary: "Malformed Packet (Exception occurred)" },
      { severity: "Warns", count: 1, protocol: "TLS", summary: "Something about TLS" },
    ]);
  });

  it("is read as counts by filter, whatever their order", () => {
    assert.deepEqual(
      [...parseCounts(output)],
      [
        ["http2.type==1", 160],
        ["grpc", 0],
      ],
    );
  });
});
