// Encodes and decodes header blocks with golang.org/x/net/http2/hpack: one JSON object a line in, one out.
// Octets are hexadecimal; each line has an encoder and a decoder of its own.
package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/net/http2/hpack"
)

// Name and value in hexadecimal, and whether the field must never be indexed.
type field struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Secret bool   `json:"secret"`
}

// Sizes are those that the decoding side allows before the block.
type step struct {
	Sizes  []uint32 `json:"sizes"`
	Fields []field  `json:"fields"`
	Block  string   `json:"block"`
}

type question struct {
	Encode []step `json:"encode"`
	Decode []step `json:"decode"`
}

type answer struct {
	Blocks []string  `json:"blocks,omitempty"`
	Lists  [][]field `json:"lists,omitempty"`
	// Of the block behind the last list.
	Error string `json:"error,omitempty"`
}

func octets(text string) []byte {
	bytes, err := hex.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return bytes
}

func encode(steps []step) answer {
	var out bytes.Buffer
	var result answer
	encoder := hpack.NewEncoder(&out)
	encoder.SetMaxDynamicTableSizeLimit(1 << 20)
	for _, s := range steps {
		for _, size := range s.Sizes {
			encoder.SetMaxDynamicTableSize(size)
		}
		out.Reset()
		for _, f := range s.Fields {
			written := hpack.HeaderField{Name: string(octets(f.Name)), Value: string(octets(f.Value)), Sensitive: f.Secret}
			if err := encoder.WriteField(written); err != nil {
				panic(err)
			}
		}
		result.Blocks = append(result.Blocks, hex.EncodeToString(out.Bytes()))
	}
	return result
}

func decode(steps []step) answer {
	var result answer
	decoder := hpack.NewDecoder(4096, nil)
	for _, s := range steps {
		for _, size := range s.Sizes {
			decoder.SetAllowedMaxDynamicTableSize(size)
		}
		fields, err := decoder.DecodeFull(octets(s.Block))
		if err != nil {
			result.Error = err.Error()
			return result
		}
		list := []field{}
		for _, f := range fields {
			name, value := hex.EncodeToString([]byte(f.Name)), hex.EncodeToString([]byte(f.Value))
			list = append(list, field{Name: name, Value: value, Secret: f.Sensitive})
		}
		result.Lists = append(result.Lists, list)
	}
	return result
}

func main() {
	in := bufio.NewReader(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var q question
		if err := json.Unmarshal(line, &q); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		result := decode(q.Decode)
		if q.Encode != nil {
			result = encode(q.Encode)
		}
		if err := out.Encode(result); err != nil {
			return
		}
	}
}
