package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// login has the server ask for one kind of credentials, and gives those of a client.
func login(kind, folder, secret string, options *server.Options) ([]nats.Option, error) {
	switch kind {
	case "password":
		options.Username, options.Password = "notes", secret
		return []nats.Option{nats.UserInfo(options.Username, options.Password)}, nil
	case "token":
		options.Authorization = secret
		return []nats.Option{nats.Token(options.Authorization)}, nil
	case "creds":
		file := filepath.Join(folder, "nats.creds")
		return []nats.Option{nats.UserCredentials(file)}, creds(file, options)
	case "certificate":
		return certificates(folder, options)
	}
	return nil, fmt.Errorf("unknown kind %q", kind)
}

// creds makes an operator, an account with a user, and the account of the server's own, and writes the user's file.
func creds(file string, options *server.Options) error {
	operator, err := nkeys.CreateOperator()
	if err != nil {
		return err
	}
	operatorID, err := operator.PublicKey()
	if err != nil {
		return err
	}
	user, err := nkeys.CreateUser()
	if err != nil {
		return err
	}
	userID, err := user.PublicKey()
	if err != nil {
		return err
	}
	seed, err := user.Seed()
	if err != nil {
		return err
	}
	accounts := &server.MemAccResolver{}
	newAccount := func(disk int64) (nkeys.KeyPair, string) {
		account, err := nkeys.CreateAccount()
		check(err)
		id, err := account.PublicKey()
		check(err)
		claims := jwt.NewAccountClaims(id)
		claims.Limits.JetStreamLimits.DiskStorage = disk
		token, err := claims.Encode(operator)
		check(err)
		check(accounts.Store(id, token))
		return account, id
	}
	account, _ := newAccount(jwt.NoLimit)
	_, options.SystemAccount = newAccount(0)
	options.TrustedKeys = []string{operatorID}
	options.AccountResolver = accounts

	token, err := jwt.NewUserClaims(userID).Encode(account)
	if err != nil {
		return err
	}
	text, err := jwt.FormatUserConfig(token, seed)
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

// certificates makes an authority and one certificate, for 127.0.0.1 and for the client alike.
func certificates(folder string, options *server.Options) ([]nats.Option, error) {
	authority := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "authority"},
		NotAfter:              time.Now().Add(time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2),
		Subject:      pkix.Name{CommonName: "notes"},
		NotAfter:     time.Now().Add(time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	authorityKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	leafPrivate, err := x509.MarshalPKCS8PrivateKey(leafKey)
	if err != nil {
		return nil, err
	}
	signed := func(certificate *x509.Certificate, key *ecdsa.PrivateKey) []byte {
		bytes, err := x509.CreateCertificate(rand.Reader, certificate, authority, &key.PublicKey, authorityKey)
		check(err)
		return bytes
	}
	ca, cert, key := filepath.Join(folder, "ca.crt"), filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key")
	for file, block := range map[string]*pem.Block{
		ca:   {Type: "CERTIFICATE", Bytes: signed(authority, authorityKey)},
		cert: {Type: "CERTIFICATE", Bytes: signed(leaf, leafKey)},
		key:  {Type: "PRIVATE KEY", Bytes: leafPrivate},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			return nil, err
		}
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, err
	}
	authorities := x509.NewCertPool()
	text, err := os.ReadFile(ca)
	authorities.AppendCertsFromPEM(text)
	options.TLSConfig = &tls.Config{
		Certificates: []tls.Certificate{pair},
		ClientCAs:    authorities,
		ClientAuth:   tls.RequireAndVerifyClientCert,
	}
	options.TLS, options.TLSVerify = true, true
	return []nats.Option{nats.RootCAs(ca), nats.ClientCert(cert, key)}, err
}
