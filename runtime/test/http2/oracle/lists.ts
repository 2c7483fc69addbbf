/** Header lists and header blocks, good ones and bad ones, by a name. */

export const request = [":method", "POST", ":scheme", "http", ":path", "/s/m", ":authority", "test"];
const withoutPath = [":method", "POST", ":scheme", "http", ":authority", "test"];

/** Of requests, and of trailers. From the pseudo-header in trailers on, all but `te: trailers` are malformed (RFC 9113 §8.2, §8.3.1). */
export const requestLists: Readonly<Record<string, readonly string[]>> = {
  request: request,
  "request with content-length 3": [...request, "content-length", "3"],
  trailers: ["x-trailer", "1"],
  nothing: [],
  "pseudo-header in trailers": ["x-trailer", "1", ":path", "/"],
  "name in capitals": [...request, "X-Name", "1"],
  "name with a blank": [...request, "x name", "1"],
  "empty name": [...request, "", "1"],
  "value with NUL": [...request, "x-a", "a\u0000b"],
  "value with CR": [...request, "x-a", "a\rb"],
  "value with LF": [...request, "x-a", "a\nb"],
  "value with a blank before": [...request, "x-a", " b"],
  "value with a tab behind": [...request, "x-a", "b\t"],
  "no :path": withoutPath,
  "empty :path": [...withoutPath, ":path", ""],
  ":path twice": [...request, ":path", "/"],
  ":method twice": [":method", "GET", ...request],
  ":authority twice": [...request, ":authority", "test"],
  "no :method": request.slice(2),
  "no :scheme": [...request.slice(0, 2), ...request.slice(4)],
  ":status in a request": [...request, ":status", "200"],
  "unknown pseudo-header": [...request, ":unknown", "1"],
  "pseudo-header behind a field": ["x-a", "1", ...request],
  connection: [...request, "connection", "close"],
  "transfer-encoding": [...request, "transfer-encoding", "chunked"],
  "te: gzip": [...request, "te", "gzip"],
  "te: trailers": [...request, "te", "trailers"],
  "content-length in words": [...request, "content-length", "three"],
  "content-length twice": [...request, "content-length", "3", "content-length", "4"],
};

export const response = [":status", "200", "x-a", "1"];

/** Of responses, and of trailers (RFC 9113 §8.2, §8.3.2). */
export const responseLists: Readonly<Record<string, readonly string[]>> = {
  response,
  "response with content-length 3": [...response, "content-length", "3"],
  trailers: ["x-trailer", "1"],
  nothing: [],
  "status 100": [":status", "100"],
  "status 204": [":status", "204"],
  "pseudo-header in trailers": ["x-trailer", "1", ":status", "200"],
  "name in capitals": [...response, "X-Name", "1"],
  "name with a blank": [...response, "x name", "1"],
  "empty name": [...response, "", "1"],
  "value with NUL": [...response, "x-a", "a\u0000b"],
  "value with LF": [...response, "x-a", "a\nb"],
  "value with a blank before": [...response, "x-a", " b"],
  ":status twice": [":status", "200", ":status", "200"],
  ":status in words": [":status", "abc"],
  ":status of two digits": [":status", "20"],
  "empty :status": [":status", ""],
  ":path in a response": [":path", "/", ...response],
  "unknown pseudo-header": [":unknown", "1", ...response],
  "pseudo-header behind a field": ["x-a", "1", ":status", "200"],
  connection: [...response, "connection", "close"],
  "transfer-encoding": [...response, "transfer-encoding", "chunked"],
  "content-length in words": [...response, "content-length", "three"],
  "content-length twice": [...response, "content-length", "3", "content-length", "4"],
};

/** Blocks that no decoder takes (RFC 7541 §2.3.3, §5.2, §6.1, §6.3). */
export const brokenBlocks: Readonly<Record<string, string>> = {
  "index 0": "80",
  "index beyond the tables": "ff00",
  "text cut off": "00057800",
  "Huffman padding of zeros": "00017881 00",
  "size update too large": "3fe2ff03",
  "size update behind a field": "8220",
};
