package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/term"

	"weir/capture"
	"weir/db"
	"weir/flow"
	"weir/search"
	"weir/tui"
)

// runScreen opens the screen, or tells it in lines if that was asked for or the
// terminal can do nothing else. Files and the demo fill a temporary store unless
// --db names one, so that a look at a capture leaves nothing behind.
func runScreen(ctx context.Context, o sourceOptions, plain bool, in io.Reader, out, stderr io.Writer) error {
	if err := o.check(); err != nil {
		return err
	}
	keys, closeKeys, err := o.keyboard(in)
	if err != nil {
		return err
	}
	defer closeKeys()
	if keys != nil {
		in = keys
	}
	show, screen, leave := tui.Run, raw(out), leaveScreen
	switch {
	case plain || os.Getenv("TERM") == "dumb":
		show, screen, leave = tui.RunLines, out, ""
	case !isTerminal(in) || !isTerminal(screen):
		return errors.New("the screen needs a terminal: without one use --plain, weir capture or weir query")
	}
	cfg := tui.Config{
		Query: search.Query{Range: search.Range{Last: search.DefaultRange}},
		Now:   time.Now,
		Loc:   time.Local,
		Host:  o.nodeName(),
	}
	withHistory(&cfg)
	withSearches(&cfg)
	withSettings(&cfg)
	if len(o.files) > 0 {
		cfg.Query.Range = search.Range{} // a file's flows are as old as the file
	}
	if o.looksOnly() {
		s, err := openReadScreen(ctx, o, &cfg)
		if err != nil {
			return err
		}
		return untilQuit(ctx, in, screen, stderr, leave, func(ctx context.Context) error {
			return s.show(ctx, cfg, show, in, screen, stderr)
		})
	}
	f, err := openFeed(ctx, o, true)
	if err != nil {
		if o.db == "" && len(o.files) > 0 || len(o.interfaces) > 0 && !errors.Is(err, capture.ErrPermission) {
			return err // nothing to show without the file, or the interface isn't there
		}
		cfg.Notice = oneLine(err)
		f = &feed{}
	}
	s, err := openScreenStore(ctx, o, f, &cfg, stderr)
	if err != nil {
		f.close()
		return err
	}
	return untilQuit(ctx, in, screen, stderr, leave, func(ctx context.Context) error {
		return s.show(ctx, cfg, show, in, screen, stderr)
	})
}

// isTerminal reports whether a stream of run is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// session is a screen's store and what fills it.
type session struct {
	store *db.Reader
	pipe  *pipeline  // nil: another process writes the store, or nothing can
	temp  *tempStore // removed at the end; nil: the store stays

	newest int64 // largest id before files were read into a store that stays; 0: none
}

// openReadScreen opens the store for reading.
func openReadScreen(ctx context.Context, o sourceOptions, cfg *tui.Config) (*session, error) {
	path, err := o.storePath()
	if err != nil {
		return nil, err
	}
	store, err := db.OpenReader(ctx, path, db.ReaderOptions{Warn: func(problem string) { cfg.Notice = problem }})
	if err != nil {
		return nil, err
	}
	cfg.Reading = filepath.Base(path)
	if !o.readOnly {
		cfg.Reading += "; -i captures into it"
	}
	return &session{store: store}, nil
}

// openScreenStore opens the store for writing, or for reading if another process
// writes to it or it isn't writable; cfg then has a notice.
func openScreenStore(ctx context.Context, o sourceOptions, f *feed, cfg *tui.Config, stderr io.Writer) (*session, error) {
	s := &session{}
	path, err := o.storePath()
	if o.db == "" && (o.demo || len(o.files) > 0) {
		if s.temp, err = newTempStore(); err == nil {
			path = s.temp.path()
		}
	}
	if err != nil {
		return nil, err
	}
	options, warning, err := o.writerOptions(stderr)
	if err != nil {
		return nil, errors.Join(err, s.temp.remove())
	}
	if warning != "" && s.temp == nil {
		cfg.Notice = warning
	}
	lost := ""
	options.Warn = func(problem string) { lost = problem }
	defer func() {
		if lost != "" {
			cfg.Notice = strings.TrimPrefix(cfg.Notice+"; "+lost, "; ")
		}
	}()
	writer, err := db.Open(ctx, path, options)
	if locked := new(db.LockedError); errors.As(err, &locked) || errors.Is(err, fs.ErrPermission) {
		reader, readErr := db.OpenReader(ctx, path, db.ReaderOptions{Warn: options.Warn})
		if readErr != nil {
			return nil, err
		}
		cfg.Reading = filepath.Base(path)
		if locked.PID == 0 { // otherwise the header says whom the screen follows
			cfg.Notice = "not capturing: " + oneLine(err)
		}
		f.close()
		s.store = reader
		return s, nil
	}
	if err != nil {
		return nil, errors.Join(err, s.temp.remove())
	}
	s.store = writer.Reader
	s.pipe, err = newPipeline(ctx, writer, f.own, f.observers, maxFlows)
	if err != nil {
		return nil, errors.Join(err, writer.Close(), s.temp.remove())
	}
	if len(o.files) > 0 && s.temp == nil {
		s.newest = newestID(ctx, s.store)
	}
	cfg.Capturing = f.capturing
	if warning := networkWarning(path); warning != "" && cfg.Notice == "" {
		cfg.Notice = warning
	}
	for _, problem := range f.problems {
		if cfg.Notice == "" {
			cfg.Notice = oneLine(problem)
		}
	}
	return s, nil
}

// screenFunc shows a store until the reader leaves.
type screenFunc func(ctx context.Context, cfg tui.Config, in io.Reader, out io.Writer) error

// show runs the pipeline and the screen until the screen is left.
func (s *session) show(ctx context.Context, cfg tui.Config, screen screenFunc, in io.Reader, out, stderr io.Writer) error {
	cfg.Store = s.store
	piping, stop := context.WithCancel(ctx)
	defer stop()
	piped := make(chan error, 1)
	if s.pipe == nil {
		cfg.Follows = true
		cfg.Health = s.readerHealth(piping)
		piped <- nil
	} else {
		cfg.Health = s.pipe.health
		go func() { piped <- s.pipe.run(piping) }()
	}
	err := screen(ctx, cfg, in, out)
	stop()
	if pipeErr := <-piped; pipeErr != nil {
		fmt.Fprintf(stderr, "weir: %s\n", oneLine(pipeErr))
	}
	tellRepeated(context.WithoutCancel(ctx), s.store, s.newest, stderr)
	return errors.Join(err, s.close())
}

// readerHealth returns a function for the health of a screen that doesn't capture: the counters of the
// process that writes the store, unless the store is gone.
func (s *session) readerHealth(ctx context.Context) func() flow.Health {
	followed := followedHealth(ctx, s.store)
	return func() flow.Health {
		h := followed()
		if err := s.store.CheckPlace(); err != nil {
			h.StoreErr = err.Error()
		}
		return h
	}
}

func (s *session) close() error {
	if s.pipe != nil {
		return errors.Join(s.pipe.close(), s.temp.remove())
	}
	return errors.Join(s.store.Close(), s.temp.remove())
}

// oneLine folds an error of several lines into one.
func oneLine(err error) string {
	return strings.ReplaceAll(err.Error(), "\n", "; ")
}
