package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
)

// question is any message from the parent.
type question struct {
	Type       string   `json:"type"`
	Workload   workload `json:"workload"`
	DurationMs float64  `json:"durationMs"`
}

type answer map[string]any

// parent is whoever started this process.
type parent struct {
	decoder *json.Decoder
	encoder *json.Encoder
}

func openParent() (*parent, error) {
	name := os.Getenv("NODE_CHANNEL_FD")
	fd, err := strconv.Atoi(name)
	if err != nil {
		return nil, fmt.Errorf("NODE_CHANNEL_FD is %q, expected a descriptor", name)
	}
	channel := os.NewFile(uintptr(fd), "parent")
	return &parent{json.NewDecoder(channel), json.NewEncoder(channel)}, nil
}

func (p *parent) tell(message answer) error {
	return p.encoder.Encode(message)
}

// answerAll answers one question after another until the parent has gone, which is no error.
func (p *parent) answerAll(measure func(question) answer) error {
	var used usage
	for {
		var asked question
		if err := p.decoder.Decode(&asked); err != nil {
			return nil
		}
		var message answer
		switch asked.Type {
		case "cpu":
			message = answer{"type": "cpu", "us": cpuUs()}
		case "watchMemory":
			used.begin()
			message = answer{"type": "watching"}
		case "memory":
			message = used.end()
		default:
			message = measure(asked)
		}
		if err := p.tell(message); err != nil {
			return err
		}
	}
}

func failed(err error) answer {
	return answer{"type": "failed", "message": err.Error()}
}
