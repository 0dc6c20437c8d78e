package capture

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// FolderFiles returns the capture files in a folder, in the order of their first frames, as [OpenFolder]
// would read them now, and the names of files that are not captures.
func FolderFiles(path string) (captures, others []string, err error) {
	s := &folderSource{path: path, members: map[string]*member{}}
	for range 2 { // the second time for compressed files, which have to be unchanged
		if err := s.scan(); err != nil {
			return nil, nil, err
		}
	}
	for _, m := range s.queue {
		captures = append(captures, filepath.Join(path, m.name))
	}
	for _, m := range s.members {
		if m.state == notCapture {
			others = append(others, m.name)
		}
	}
	slices.Sort(others)
	return captures, others, nil
}

// scan looks for files that are new, have changed or are gone.
func (s *folderSource) scan() error {
	files, err := listFolder(s.path)
	if err != nil {
		return err
	}
	s.scans++
	there := make(map[string]bool, len(files))
	for _, f := range files {
		there[f.name] = true
	}
	for name, m := range s.members {
		if !there[name] {
			s.forget(m)
		}
	}
	for _, f := range files {
		s.update(f.name, f.info)
	}
	for _, t := range s.tails {
		if s.members[t.member.name] != t.member { // removed, overwritten or replaced
			t.reader.final.Store(true)
		}
	}
	for _, m := range s.lost {
		if !s.promote(m) {
			s.report(errLost(filepath.Join(s.path, m.name)))
		}
	}
	s.lost = nil
	slices.SortStableFunc(s.queue, func(a, b *member) int {
		return cmp.Or(cmp.Compare(a.first.ns, b.first.ns), cmp.Compare(a.name, b.name))
	})
	return nil
}

// update compares a member with its file.
func (s *folderSource) update(name string, info fs.FileInfo) {
	path := filepath.Join(s.path, name)
	m := s.members[name]
	if m == nil && s.rename(name, info) || m != nil && !m.writes && isSame(m.info, info) {
		return
	}
	if m != nil && m.head != nil && m.hasNewContent(path, info) {
		s.forget(m)
		m = nil
	}
	switch {
	case m == nil:
		m = &member{name: name}
		s.members[name] = m
	case m.state == waiting, m.state == notCapture:
	default:
		grown := info.Size() > m.info.Size()
		if m.info = info; grown && m.state == finished && !m.broken {
			s.enqueue(m) // to be read again, without what is known
		}
		return
	}
	if !m.look(path, info) {
		return
	}
	if s.isCopy(m) {
		m.state = copied
		return
	}
	s.enqueue(m)
}

func (s *folderSource) enqueue(m *member) {
	m.state, m.seen = queued, s.scans
	s.queue = append(s.queue, m)
}

// rename reports whether a new file is one that is being read, under another name.
func (s *folderSource) rename(name string, info fs.FileInfo) bool {
	for _, t := range s.tails {
		if m := t.member; s.members[m.name] != m && os.SameFile(m.info, info) {
			m.name, m.info = name, info
			s.members[name] = m
			return true
		}
	}
	return false
}

// isCopy reports whether another member has, or had, the same content.
func (s *folderSource) isCopy(m *member) bool {
	for _, other := range s.members {
		if other != m && other.head != nil && other.state != copied && other.first == m.first {
			return true
		}
	}
	return slices.Contains(s.copies, m.first)
}

// promote queues a copy of a file that is gone and was not read, and reports whether there is one.
func (s *folderSource) promote(m *member) bool {
	for _, other := range s.members {
		if other.state == copied && other.first == m.first {
			s.enqueue(other)
			return true
		}
	}
	return false
}

// forget removes a member whose file is gone or has another content. Its tail, if it has one, reads on.
func (s *folderSource) forget(m *member) {
	delete(s.members, m.name)
	if m.head == nil {
		return
	}
	if s.copies = append(s.copies, m.first); len(s.copies) > maxCopies {
		s.copies = s.copies[1:]
	}
	if i := slices.Index(s.queue, m); i >= 0 {
		s.queue = slices.Delete(s.queue, i, i+1)
		s.lost = append(s.lost, m)
	}
}
