package csvexport

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// FileName returns the name of an export of the given nodes (none: all) at time
// t, in the time zone of t: "weir-20261123-141207-edge-1.csv". It consists of
// ASCII letters, digits, '-', '_' and '.', and has at most 184 bytes.
func FileName(t time.Time, nodes []string, ext string) string {
	parts := []string{"weir", t.Format("20060102-150405")}
	switch {
	case len(nodes) > maxListedNodes:
		parts = append(parts, strconv.Itoa(len(nodes))+"-nodes")
	default:
		for _, node := range nodes {
			if name := safeName(node); name != "" {
				parts = append(parts, name)
			}
		}
	}
	if ext = safeName(ext); ext == "" {
		ext = fallbackExt
	}
	return strings.Join(parts, "-") + "." + ext
}

// safeName keeps ASCII letters, digits, '_' and '.', replaces each run of other
// characters by one '-', and trims dashes and dots from both ends.
func safeName(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_', r == '.':
			b.WriteRune(r)
		case !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() == maxNodeLen {
			break
		}
	}
	return strings.Trim(b.String(), "-.")
}

// FreeName returns path if it does not exist, else the first free name with -2,
// -3, … before the extension. Another process can take the name before it is
// used; [WriteFile] then returns an error that wraps fs.ErrExist.
func FreeName(path string) (string, error) {
	ext := filepath.Ext(path)
	stem := strings.TrimSuffix(path, ext)
	for i, name := 2, path; i < maxNameTries; i++ {
		_, err := os.Lstat(name)
		if errors.Is(err, fs.ErrNotExist) {
			return name, nil
		}
		if err != nil {
			return "", fmt.Errorf("find a free name for export %q: %w", path, err)
		}
		name = stem + "-" + strconv.Itoa(i) + ext
	}
	return "", existsError(path)
}
