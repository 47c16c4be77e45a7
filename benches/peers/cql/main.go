// What there is in Go for the same work. `cql TOOL URL DIRECTORY` applies a directory's migrations with one
// of the tools, and prints how many milliseconds that took, with connecting.
package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/gocql/gocql"
	gomigrate "github.com/golang-migrate/migrate/v4"
	_ "github.com/golang-migrate/migrate/v4/database/cassandra"
	_ "github.com/golang-migrate/migrate/v4/source/file"
	"github.com/scylladb/gocqlx/v3"
	"github.com/scylladb/gocqlx/v3/migrate"
)

func main() {
	if len(os.Args) != 4 {
		fail(fmt.Errorf("usage: cql gocqlx|golang-migrate URL DIRECTORY"))
	}
	address, err := url.Parse(os.Args[2])
	if err != nil {
		fail(err)
	}
	tools := map[string]func(*url.URL, string) error{"gocqlx": withGocqlx, "golang-migrate": withGolangMigrate}
	apply, known := tools[os.Args[1]]
	if !known {
		fail(fmt.Errorf("there is no tool %s", os.Args[1]))
	}
	began := time.Now()
	if err := apply(address, os.Args[3]); err != nil {
		fail(err)
	}
	fmt.Println(float64(time.Since(began).Microseconds()) / 1000)
}

func withGocqlx(address *url.URL, directory string) error {
	cluster := gocql.NewCluster(address.Hostname())
	port, err := strconv.Atoi(address.Port())
	if err != nil {
		return err
	}
	cluster.Port = port
	cluster.Keyspace = address.Path[1:]
	// As the other one has it.
	cluster.Timeout = time.Minute
	session, err := gocqlx.WrapSession(cluster.CreateSession())
	if err != nil {
		return err
	}
	defer session.Close()
	return migrate.FromFS(context.Background(), session, os.DirFS(directory))
}

func withGolangMigrate(address *url.URL, directory string) error {
	database := url.URL{Scheme: "cassandra", Host: address.Host, Path: address.Path, RawQuery: "x-multi-statement=true"}
	migrations, err := gomigrate.New("file://"+directory, database.String())
	if err != nil {
		return err
	}
	defer migrations.Close()
	return migrations.Up()
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
