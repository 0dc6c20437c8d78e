package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"os"

	"weir/node"
)

// Inventory changes the declarations of nodes and groups, even while another process writes flows to
// the store: SQLite's own lock serializes their transactions.
type Inventory struct {
	path string
	lock *fileLock // keeps out writers under other names of the file, which use another log
	pool *sql.DB
}

// OpenInventory opens the store at path to change its inventory, without the right to write flows. It
// creates a missing store and migrates an older one. Of the options it uses Now and Migrating.
func OpenInventory(ctx context.Context, path string, o WriterOptions) (*Inventory, error) {
	inv, err := untilDone(ctx, func() (*Inventory, error) { return openInventory(ctx, resolve(path), o) })
	if locked := new(LockedError); errors.As(err, &locked) {
		return nil, locked // complete without a prefix
	}
	if err != nil {
		return nil, fmt.Errorf("open flow store %q: %w", path, withDamageHint(path, err))
	}
	return inv, nil
}

func openInventory(ctx context.Context, path string, o WriterOptions) (*Inventory, error) {
	exists, err := inspect(ctx, path)
	if err != nil {
		return nil, err
	}
	if exists {
		if inv, err := tryInventory(ctx, path); !errors.Is(err, errOlder) {
			return inv, err
		}
	}
	// Opening the writer creates or migrates the file. If the lock is held, its holder has done so.
	w, err := openWriter(ctx, path, o.withDefaults())
	switch locked := new(LockedError); {
	case err == nil:
		err = w.Close()
	case errors.As(err, &locked):
		err = nil
	}
	if err != nil {
		return nil, err
	}
	return tryInventory(ctx, path)
}

func tryInventory(ctx context.Context, path string) (_ *Inventory, err error) {
	inv := &Inventory{path: path}
	if inv.lock, err = lockFile(path, false); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, inv.Close())
		}
	}()
	if inv.pool, err = open(path, asWriter, 1); err != nil {
		return nil, err
	}
	return inv, inv.with(ctx, func(c connection) error {
		if err := writable(c, path); err != nil {
			return err
		}
		h, err := c.sqliteHeader()
		if err != nil {
			return err
		}
		return h.checkReader()
	})
}

// with calls fn with the connection.
func (inv *Inventory) with(ctx context.Context, fn func(connection) error) error {
	conn, err := inv.pool.Conn(ctx)
	if err != nil {
		return openFailure(inv.path, os.O_RDWR, err)
	}
	return errors.Join(raw(ctx, conn, fn), conn.Close())
}

func (inv *Inventory) transact(ctx context.Context, what string, fn func(connection) error) error {
	err := inv.with(ctx, func(c connection) (err error) {
		end, err := c.begin("BEGIN IMMEDIATE")
		if err != nil {
			return err
		}
		defer end(&err)
		if err := c.wantDeclarations(); err != nil {
			return err
		}
		if err := fn(c); err != nil {
			return err
		}
		return c.sumDeclarations()
	})
	if err != nil && code(err) != 0 {
		err = fmt.Errorf("%s: %w", explain(inv.path, err), err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// AddNode declares that a node owns its prefixes, in addition to those declared before under the same
// name, ignoring case.
func (inv *Inventory) AddNode(ctx context.Context, n node.Node) error {
	if err := node.ValidName(n.Name); err != nil {
		return err
	}
	return inv.transact(ctx, "declare node "+n.Name, func(c connection) error { return addNode(c, n) })
}

// RemoveNode removes prefixes from the declaration of a node, or without prefixes the whole
// declaration. Flows keep the names that they were stored with.
func (inv *Inventory) RemoveNode(ctx context.Context, name string, prefixes ...netip.Prefix) error {
	return inv.transact(ctx, "remove node "+name, func(c connection) error { return removeNode(c, name, prefixes) })
}

// Close closes the connection.
func (inv *Inventory) Close() error {
	var err error
	if inv.pool != nil {
		err = inv.pool.Close()
	}
	return errors.Join(err, inv.lock.release())
}
