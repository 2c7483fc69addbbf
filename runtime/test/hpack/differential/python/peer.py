"""Encodes and decodes header blocks with hpack: one JSON object a line in, one out.

Octets are hexadecimal; each line has an encoder and a decoder of its own.
"""

import json
import sys

import hpack


def encode(steps):
    encoder = hpack.Encoder()
    blocks = []
    for index, step in enumerate(steps):
        for size in step["sizes"]:
            # Set to what it is, hpack 4.1.0 forgets a change that it has not told yet.
            if size != encoder.header_table_size:
                encoder.header_table_size = size
        fields = [(bytes.fromhex(f["name"]), bytes.fromhex(f["value"]), f["secret"]) for f in step["fields"]]
        # Every third block without Huffman coding.
        blocks.append(encoder.encode(fields, huffman=index % 3 != 0).hex())
    return {"blocks": blocks}


def decode(steps):
    decoder = hpack.Decoder(max_header_list_size=1 << 24)
    lists = []
    for step in steps:
        for size in step["sizes"]:
            decoder.max_allowed_table_size = size
        try:
            fields = decoder.decode(bytes.fromhex(step["block"]), raw=True)
        except (hpack.HPACKError, ValueError) as error:  # ValueError: an index of thousands of digits
            return {"lists": lists, "error": repr(error)}
        lists.append([{"name": f[0].hex(), "value": f[1].hex(), "secret": not f.indexable} for f in fields])
    return {"lists": lists}


for line in sys.stdin:
    question = json.loads(line)
    answer = encode(question["encode"]) if "encode" in question else decode(question["decode"])
    print(json.dumps(answer), flush=True)
