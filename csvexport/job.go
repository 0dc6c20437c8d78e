package csvexport

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync/atomic"

	"weir/flow"
	"weir/internal/atomicfile"
)

// Source calls fn with the records of an export in their order, until there are
// no more, ctx ends or fn fails; it returns the error that ended it. fn may keep
// a copy of the record, not the pointer.
type Source func(ctx context.Context, fn func(*flow.Record) error) error

// Rows is the source of records in memory.
func Rows(recs []flow.Record) Source {
	return func(ctx context.Context, fn func(*flow.Record) error) error {
		for i := range recs {
			if i%rowsBetweenChecks == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			if err := fn(&recs[i]); err != nil {
				return err
			}
		}
		return nil
	}
}

// Pages is the source of records that are read in parts, so that memory does
// not grow with their number. next returns the part behind the record last, which
// is nil at first, and whether there may be more.
func Pages(next func(ctx context.Context, last *flow.Record) (part []flow.Record, more bool, err error)) Source {
	return func(ctx context.Context, fn func(*flow.Record) error) error {
		var last *flow.Record
		for {
			part, more, err := next(ctx, last)
			if err != nil {
				return fmt.Errorf("read flows to export: %w", err)
			}
			if err := Rows(part)(ctx, fn); err != nil {
				return err
			}
			if !more || len(part) == 0 {
				return nil
			}
			last = &part[len(part)-1]
		}
	}
}

// Counted adds to rows each record that was written without an error. Others
// may read rows meanwhile.
func Counted(from Source, rows *atomic.Int64) Source {
	return func(ctx context.Context, fn func(*flow.Record) error) error {
		return from(ctx, func(r *flow.Record) error {
			err := fn(r)
			if err == nil {
				rows.Add(1)
			}
			return err
		})
	}
}

// Copy writes the records of from to out, flushes it and returns how many there
// were. After an error it flushes what was written before; if that is nothing,
// it does not, since a header without rows would say that nothing matched.
func Copy(ctx context.Context, out Writer, from Source) (rows int, err error) {
	err = from(ctx, func(r *flow.Record) error {
		rows++
		return out.Write(r)
	})
	if err == nil || rows > 0 {
		if flushErr := out.Flush(); err == nil { // else it repeats it
			err = flushErr
		}
	}
	return rows, err
}

// WriteFile writes the records of from to a new file, which appears at path
// complete or not at all. If something is at path already, it is left as it is
// and the error wraps fs.ErrExist; if ctx ends, the error is ctx's.
func WriteFile(ctx context.Context, path string, o Options, from Source) error {
	f, err := atomicfile.Create(path)
	if err != nil {
		return fileError("create", path, err)
	}
	defer f.Abort()
	out, err := New(f, o)
	if err != nil {
		return err
	}
	if _, err := Copy(ctx, out, from); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := f.Commit(); err != nil {
		return fileError("commit", path, err)
	}
	return nil
}

func fileError(operation, path string, err error) error {
	if errors.Is(err, fs.ErrExist) {
		return existsError(path)
	}
	return fmt.Errorf("%s export %q: %w", operation, path, err)
}

func existsError(path string) error {
	return fmt.Errorf("create export %q: %w; choose another name, an export never replaces a file", path, fs.ErrExist)
}
