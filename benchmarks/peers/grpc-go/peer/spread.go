package main

// spreadClients are clients beside each other, with a connection each (macro/spread-clients.ts).
type spreadClients struct {
	port    string
	byCount map[int][]*client
}

// take gives as many as are asked for, connected: those of the time before, unless they are to be new.
func (s *spreadClients) take(count int, fresh bool) ([]*client, error) {
	known := s.byCount[count]
	if len(known) > 0 && !fresh {
		return known, nil
	}
	for _, old := range known {
		if err := old.conn.Close(); err != nil {
			return nil, err
		}
	}
	var made []*client
	for range count {
		caller, err := newClient(s.port)
		if err != nil {
			return nil, err
		}
		if err := caller.unary(payloadOf(1), false); err != nil {
			return nil, err
		}
		made = append(made, caller)
	}
	s.byCount[count] = made
	return made, nil
}
