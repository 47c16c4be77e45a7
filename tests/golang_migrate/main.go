// golang-migrate, as its command line runs it: what directories in its format are compared with.
// `golang_migrate DIRECTORY URL up [N] | down` applies all or N migrations, or undoes all of them.
package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/golang-migrate/migrate/v4"
	_ "github.com/golang-migrate/migrate/v4/database/postgres"
	_ "github.com/golang-migrate/migrate/v4/database/sqlite3"
	_ "github.com/golang-migrate/migrate/v4/source/file"
)

func main() {
	if len(os.Args) < 4 {
		fail(errors.New("usage: golang_migrate DIRECTORY URL up [N] | down | version"))
	}
	tool, err := migrate.New("file://"+os.Args[1], os.Args[2])
	if err != nil {
		fail(err)
	}
	if err := run(tool, os.Args[3], os.Args[4:]); err != nil && !errors.Is(err, migrate.ErrNoChange) {
		fail(err)
	}
}

func run(tool *migrate.Migrate, what string, rest []string) error {
	switch {
	case what == "up" && len(rest) == 1:
		count, err := strconv.Atoi(rest[0])
		if err != nil {
			return err
		}
		return tool.Steps(count)
	case what == "up":
		return tool.Up()
	case what == "down":
		return tool.Down()
	case what == "version":
		version, dirty, err := tool.Version()
		if err == nil {
			fmt.Println(version, dirty)
		}
		return err
	}
	return fmt.Errorf("there is no command %s", what)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "error:", err)
	os.Exit(1)
}
