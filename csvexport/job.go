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

// Source calls fn for each record of an export, in order, until the records are
// exhausted, ctx is done or fn fails. It returns the error that ended it. fn must
// not retain the pointer.
type Source func(ctx context.Context, fn func(*flow.Record) error) error

// Rows returns a source of in-memory records.
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

// Pages returns a source that reads records page by page, so that memory does not
// grow with their number. next returns the page after record last, which is nil
// for the first page, and whether more may follow.
func Pages(next func(ctx context.Context, last *flow.Record) (page []flow.Record, more bool, err error)) Source {
	return func(ctx context.Context, fn func(*flow.Record) error) error {
		var last *flow.Record
		for {
			page, more, err := next(ctx, last)
			if err != nil {
				return fmt.Errorf("read flows to export: %w", err)
			}
			if err := Rows(page)(ctx, fn); err != nil {
				return err
			}
			if !more || len(page) == 0 {
				return nil
			}
			last = &page[len(page)-1]
		}
	}
}

// Counted returns a source that increments rows for every record written without
// an error. Other goroutines may read rows meanwhile.
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

// Copy writes the records of from to out, flushes it and returns their number.
// After an error it flushes the rows written so far, unless there are none: a
// header without rows would mean that nothing matched.
func Copy(ctx context.Context, out Writer, from Source) (rows int, err error) {
	err = from(ctx, func(r *flow.Record) error {
		rows++
		return out.Write(r)
	})
	if err == nil || rows > 0 {
		if flushErr := out.Flush(); err == nil { // else Flush returns the same error again
			err = flushErr
		}
	}
	return rows, err
}

// WriteFile writes the records of from to a new file, which appears at path
// complete or not at all. If path exists, it stays unchanged and the error wraps
// fs.ErrExist. If ctx is done, the error is ctx.Err().
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
