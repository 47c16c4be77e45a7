// What CockroachDB's own parser says of statements. It reads a JSON array of texts, each of one or
// several statements, and writes those that were refused, with the reason.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/parser"
	// The body of a DO is looked at by this one; without it, that is a panic.
	_ "github.com/cockroachdb/cockroachdb-parser/pkg/sql/plpgsql/parser"
)

type refused struct {
	Statement string `json:"statement"`
	Error     string `json:"error"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	var statements []string
	if err := json.NewDecoder(os.Stdin).Decode(&statements); err != nil {
		return err
	}
	// Not nil: nothing refused is an empty array.
	found := []refused{}
	for _, statement := range statements {
		if err := parse(statement); err != nil {
			found = append(found, refused{statement, err.Error()})
		}
	}
	return json.NewEncoder(os.Stdout).Encode(found)
}

// A panic of the parser's own must say which statement it was.
func parse(statement string) (err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("the parser itself has failed: %v", panicked)
		}
	}()
	_, err = parser.Parse(statement)
	return err
}
