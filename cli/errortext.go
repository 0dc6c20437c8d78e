package cli

import (
	"errors"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// errorText is the text of an error in which a file name can't forge a line. Newlines
// pass the safe stderr, because errors that are joined need them. So names with
// a newline are quoted here: those on the command line, as of "weir -r *", and
// the paths of the system's errors.
func errorText(err error, args []string) string {
	text := err.Error()
	names := pathsIn(err)
	for _, arg := range args {
		_, value, _ := strings.Cut(arg, "=") // --db=PATH
		names = append(names, arg, value)
	}
	for _, name := range names {
		if strings.ContainsAny(name, "\r\n") {
			text = strings.ReplaceAll(text, name, strconv.Quote(name))
		}
	}
	return text
}

// joinedErrors returns the errors of which errors.Join made err, or err itself.
func joinedErrors(err error) (errs []error) {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var text []string
	for _, inner := range joined.Unwrap() {
		text = append(text, inner.Error())
		errs = append(errs, joinedErrors(inner)...)
	}
	if err.Error() != strings.Join(text, "\n") { // made by fmt.Errorf
		return []error{err}
	}
	return errs
}

// pathsIn returns the paths that the system's errors in the tree of err name.
func pathsIn(err error) (paths []string) {
	switch e := err.(type) { //nolint:errorlint // each error of the tree is looked at by itself
	case *fs.PathError:
		paths = append(paths, e.Path)
	case *os.LinkError:
		paths = append(paths, e.Old, e.New)
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, inner := range joined.Unwrap() {
			paths = append(paths, pathsIn(inner)...)
		}
	} else if inner := errors.Unwrap(err); inner != nil {
		paths = append(paths, pathsIn(inner)...)
	}
	return paths
}
