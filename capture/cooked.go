package capture

import "encoding/binary"

// Version 2 of Linux's "any" header (tcpdump.org, LINKTYPE_LINUX_SLL2) has the index of
// the interface that the frame was seen on, in network byte order.
const (
	linkSLL2    LinkType = 276
	sll2Ifindex int      = 4 // offset
)

// cookedInterface is an interface of a capture of "any".
type cookedInterface struct {
	file    uint16 // index of "any" in the file
	ifindex uint32
}

// setCooked replaces the interface of f, a frame with an SLL2 header, by the one that
// the header names. Beyond maxInterfaces, and for frames that name none, it stays.
func (s *fileSource) setCooked(f *Frame) {
	if len(f.Data) < sll2Ifindex+4 {
		return
	}
	c := cookedInterface{f.Interface, binary.BigEndian.Uint32(f.Data[sll2Ifindex:])}
	if c.ifindex == 0 {
		return
	}
	i, known := s.cooked[c]
	if !known {
		id := s.table.id(c.file)
		id.ifindex = c.ifindex
		var err error
		if i, err = s.table.indexOf(id); err != nil {
			return
		}
		if s.cooked == nil {
			s.cooked = make(map[cookedInterface]uint16)
		}
		s.cooked[c] = i
	}
	f.Interface = i
}
