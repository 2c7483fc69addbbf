package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"os"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

// certificates are those of the run (macro/certificates-of-run.ts), PEM.
type certificates struct {
	Roots       string `json:"roots"`
	Certificate string `json:"certificate"`
	Key         string `json:"key"`
}

// certificatesOfRun is nil where everything is plaintext.
func certificatesOfRun() (*certificates, error) {
	text, isSet := os.LookupEnv("BENCH_TLS")
	if !isSet {
		return nil, nil
	}
	var found certificates
	err := json.Unmarshal([]byte(text), &found)
	return &found, err
}

func clientCredentials() (credentials.TransportCredentials, error) {
	run, err := certificatesOfRun()
	if err != nil || run == nil {
		return insecure.NewCredentials(), err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(run.Roots)) {
		return nil, fmt.Errorf("the run's roots hold no certificate")
	}
	return credentials.NewTLS(&tls.Config{RootCAs: roots}), nil
}

func serverCredentials() (credentials.TransportCredentials, error) {
	run, err := certificatesOfRun()
	if err != nil || run == nil {
		return insecure.NewCredentials(), err
	}
	certificate, err := tls.X509KeyPair([]byte(run.Certificate), []byte(run.Key))
	if err != nil {
		return nil, err
	}
	return credentials.NewTLS(&tls.Config{Certificates: []tls.Certificate{certificate}}), nil
}
