package db

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// GoneError means that the files of an open store are not at its path any more. SQLite would continue with
// files that no other program can open.
type GoneError struct {
	Path string // of the store
	What string // what happened: "the flow store was removed"
}

func (e *GoneError) Error() string {
	return fmt.Sprintf("%s while weir had it open: start weir again (%q)", e.What, e.Path)
}

// place records the files of an open store at the time of opening.
type place struct {
	path  string
	files []placedFile
}

type placedFile struct {
	suffix string
	info   os.FileInfo
}

// newPlace returns the place of a store that SQLite has open.
func newPlace(path string) (place, error) {
	p := place{path: path}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Lstat(path + suffix)
		if suffix != "" && isMissing(err) {
			continue // a file that is opened as immutable has no log
		}
		if err != nil {
			return place{}, err
		}
		p.files = append(p.files, placedFile{suffix, info})
	}
	return p, nil
}

// check returns a *GoneError if a file was removed, moved or replaced since the store was opened, and
// other errors if it can't tell.
func (p place) check() error {
	for _, f := range p.files {
		now, err := os.Lstat(p.path + f.suffix)
		switch {
		case err == nil && os.SameFile(f.info, now):
			continue
		case err != nil && !isMissing(err):
			return err
		}
		gone := &GoneError{p.path, "the flow store was removed, moved or unmounted"}
		dir, dirErr := os.Stat(filepath.Dir(p.path))
		switch {
		case isMissing(dirErr) || dirErr == nil && !dir.IsDir():
			gone.What = "the folder of the flow store was removed, moved or unmounted"
		case f.suffix != "":
			gone.What = "the flow store's " + filepath.Base(p.path) + f.suffix + " was removed or replaced"
		case err == nil:
			gone.What = "the flow store was replaced by another file"
		}
		return gone
	}
	return nil
}

// checkPlace is like place.check, but a store that was gone once stays gone. It sets the error in Health and
// closes the channel of Gone.
func (w *Writer) checkPlace() error {
	if gone := w.goneErr.Load(); gone != nil {
		return gone
	}
	if w.leaving.Load() {
		return nil
	}
	err := w.place.check()
	if gone := new(GoneError); errors.As(err, &gone) && w.goneErr.CompareAndSwap(nil, gone) {
		why := gone.Error()
		w.failure.Store(&why)
		close(w.gone)
	}
	return err
}

// isGone reports whether the store is gone. It ignores errors of the check itself, which the next write
// reports.
func (w *Writer) isGone() bool {
	_ = w.checkPlace()
	return w.goneErr.Load() != nil
}

// discard counts and drops records until ctx ends. Flush fails meanwhile.
func (w *Writer) discard(ctx context.Context) {
	w.queue.fail()
	dropAll := func() {
		for g := w.queue.take(); !g.empty(); g = w.queue.take() {
			w.discardGroup(g)
		}
	}
	for {
		dropAll()
		select {
		case <-w.queue.wake:
		case <-ctx.Done():
			w.queue.refuse()
			dropAll()
			return
		}
	}
}

// discardGroup drops a group and counts its ended flows. Open ones are counted when they end.
func (w *Writer) discardGroup(g commitGroup) {
	for _, recs := range g.batches {
		for i := range recs {
			if !recs[i].Open() {
				w.unstored.Add(1)
			}
		}
	}
	w.outdated.Add(uint64(len(g.ends)))
	w.queue.drop(g)
}
