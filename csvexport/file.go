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

// FileName returns a name for an export made at t, in t's time zone, of these
// nodes (none: all): "weir-20261123-141207-edge-1.csv". It consists of ASCII
// letters, digits, '-', '_' and '.', and is no longer than 160 bytes.
func FileName(t time.Time, nodes []string, ext string) string {
	parts := []string{"weir", t.Format("20060102-150405")}
	switch {
	case len(nodes) > maxNamed:
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

// safeName keeps letters, digits, '_' and '.', puts one '-' for each run of
// other characters, and takes dashes and dots from both ends.
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

// FreeName returns path if nothing is there, else path with -2, -3, … before
// its extension, the first that is free. Someone else may take the name before
// it is used; [WriteFile] says so then.
func FreeName(path string) (string, error) {
	ext := filepath.Ext(path)
	stem := strings.TrimSuffix(path, ext)
	for i, name := 2, path; i < maxFreeTry; i++ {
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
