package storage

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// CreateIfMissing makes the PostgreSQL database that a URL names, if its server
// has none of that name and lets this user make one. A SQLite file needs no
// making: for its URL nothing is done. Other failures to connect are left for
// [Open] to tell.
func CreateIfMissing(ctx context.Context, url string) error {
	engine, err := engineOf(url)
	if err != nil || engine == SQLite {
		return err
	}
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil //nolint:nilerr // Open says it better
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, config)
	if err == nil {
		return conn.Close(ctx)
	}
	if pgCode(err) != "3D000" { // invalid_catalog_name
		return nil
	}
	name := config.Database
	err = createOn(ctx, config, name)
	if err != nil {
		return fmt.Errorf("storage: there is no PostgreSQL database %q, and it cannot be made: %w; make it, with ENCODING 'UTF8'", name, err)
	}
	return nil
}

// createOn makes the database from one that every server has. Another node may
// be quicker.
func createOn(ctx context.Context, config *pgx.ConnConfig, name string) error {
	var failed []string
	for _, from := range []string{"postgres", "template1"} {
		own := config.Copy()
		own.Database = from
		conn, err := pgx.ConnectConfig(ctx, own)
		if err != nil {
			failed = append(failed, from)
			continue
		}
		_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()+" TEMPLATE template0 ENCODING 'UTF8'")
		err = errors.Join(err, conn.Close(ctx))
		if code := pgCode(err); code == "42P04" || code == "23505" { // duplicate_database, or both at once
			return nil
		}
		return err
	}
	return errors.New("the databases " + strings.Join(failed, " and ") + " do not let this user in")
}
