package capture

import (
	"bytes"
	"errors"
	"hash/maphash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// member is a file of a folder.
type member struct {
	name   string
	info   fs.FileInfo // when it was last looked at
	state  memberState
	packed bool      // it is compressed
	broken bool      // it is damaged, and not read again when it grows
	writes bool      // it is compressed, and may still be written
	seen   uint64    // number of the scan that queued it
	head   []byte    // its first headBytes, once it has a frame
	first  signature // of its first frame
	read   uint64    // frames read
	drops  uint64    // packets that were dropped, as the file says
}

type memberState uint8

const (
	waiting    memberState = iota // it has no frame yet
	queued                        // to be read
	opened                        // being read
	finished                      // read
	notCapture                    // to be ignored, until it changes
	copied                        // a copy of another one: renamed, compressed, or linked
)

// signature identifies the content of a capture by its first frame.
type signature struct {
	ns   int64
	wire int
	sum  uint64
}

var signatureSeed = maphash.MakeSeed()

// look updates m from the file at path, which is new or has changed, and reports whether it can be read.
// A file that another program may still be compressing is left for later.
func (m *member) look(path string, info fs.FileInfo) (isReady bool) {
	settled := m.info != nil && m.info.Size() == info.Size() && m.info.ModTime().Equal(info.ModTime())
	m.info, m.state = info, waiting
	head, err := readHead(path)
	if err != nil || len(head) == 0 {
		return false
	}
	m.packed = compressionOf(head) != nil
	if m.writes = m.packed && !settled; m.writes {
		return false
	}
	src, err := openFile(path)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, os.ErrNotExist) {
		return false
	}
	if err != nil {
		m.state = notCapture
		return false
	}
	defer src.Close()
	var f Frame
	if src.Next(&f) != nil {
		return false
	}
	m.head = head
	m.first = signature{f.TimeNS, f.WireLen, maphash.Bytes(signatureSeed, f.Data)}
	return true
}

// readHead returns the first headBytes of a file, or all of a shorter one.
func readHead(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	b := make([]byte, headBytes)
	n, err := io.ReadFull(file, b)
	if isEOF(err) {
		err = nil
	}
	return b[:n], err
}

// hasNewContent reports whether a file that was a member is another one now, under the same name.
func (m *member) hasNewContent(path string, info fs.FileInfo) bool {
	if !os.SameFile(m.info, info) || info.Size() < m.info.Size() {
		return true
	}
	head, err := readHead(path)
	return err == nil && !bytes.HasPrefix(head, m.head)
}

// isSame reports whether a file has not been written since an earlier look.
func isSame(before, now fs.FileInfo) bool {
	return os.SameFile(before, now) && before.Size() == now.Size() && before.ModTime().Equal(now.ModTime())
}

// folderFile is a file in a folder.
type folderFile struct {
	name string
	info fs.FileInfo // of the target of a link
}

// listFolder returns the regular files in dir ordered by name, without hidden ones. Links are last, so that
// they are the copies.
func listFolder(dir string) (files []folderFile, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, openError(dir, err)
	}
	var links []folderFile
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		info, err := os.Stat(filepath.Join(dir, e.Name()))
		switch {
		case err != nil || !info.Mode().IsRegular():
		case e.Type()&fs.ModeSymlink != 0:
			links = append(links, folderFile{e.Name(), info})
		default:
			files = append(files, folderFile{e.Name(), info})
		}
	}
	return append(files, links...), nil
}
