// Command nats serves JetStream on a free port of 127.0.0.1, in a folder that it also fills with what a client
// needs to get in, and makes buckets. It prints its URL when it is ready.
//
//	nats FOLDER password|token|creds|certificate SECRET BUCKET...
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

func main() {
	folder, kind, secret, buckets := os.Args[1], os.Args[2], os.Args[3], os.Args[4:]
	options := &server.Options{
		Host:      "127.0.0.1",
		Port:      server.RANDOM_PORT,
		JetStream: true,
		StoreDir:  filepath.Join(folder, "store"),
	}
	client, err := login(kind, folder, secret, options)
	check(err)
	running, err := server.NewServer(options)
	check(err)
	running.SetLogger(logger{}, false, false)
	running.Start()
	if !running.ReadyForConnections(10 * time.Second) {
		log.Fatal("not ready within 10 s")
	}
	url := "nats://" + running.Addr().String()

	connection, err := nats.Connect(url, client...)
	check(err)
	stream, err := jetstream.New(connection)
	check(err)
	for _, bucket := range buckets {
		_, err := stream.CreateObjectStore(context.Background(), jetstream.ObjectStoreConfig{Bucket: bucket})
		check(err)
	}
	fmt.Println(url)
	running.WaitForShutdown()
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// logger passes on what is worse than a notice.
type logger struct{}

func (logger) Noticef(string, ...any)              {}
func (logger) Debugf(string, ...any)               {}
func (logger) Tracef(string, ...any)               {}
func (logger) Warnf(format string, values ...any)  { log.Printf(format, values...) }
func (logger) Errorf(format string, values ...any) { log.Printf(format, values...) }
func (logger) Fatalf(format string, values ...any) { log.Fatalf(format, values...) }
