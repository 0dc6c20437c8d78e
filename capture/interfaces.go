package capture

import (
	"fmt"
	"strconv"
	"sync"
)

// interfaceID identifies an interface of a file by its name, and by its position
// among those of the same name in the section. If frames name the interface that
// they arrived on, as those of Linux's "any" do, ifindex distinguishes them.
type interfaceID struct {
	name    string
	nth     int
	ifindex uint32 // the capturing host's interface index; 0: frames don't have it
}

// label returns the name to show. Files have no names for interface indexes: "if3".
func (id interfaceID) label() string {
	if id.ifindex == 0 {
		return id.name
	}
	return "if" + strconv.FormatUint(uint64(id.ifindex), 10)
}

// interfaces assigns indexes to the interfaces of a source. The same interface in
// consecutive sections or files has the same index.
type interfaces struct {
	mu    sync.RWMutex // other goroutines look up names
	ids   []interfaceID
	index map[interfaceID]uint16
}

// indexOf returns the index of id, a new one for a new interface.
func (t *interfaces) indexOf(id interfaceID) (uint16, error) {
	if i, ok := t.index[id]; ok {
		return i, nil
	}
	i, err := t.add(id)
	if err != nil {
		return 0, err
	}
	if t.index == nil {
		t.index = make(map[interfaceID]uint16)
	}
	t.index[id] = i
	return i, nil
}

// add assigns a new index to id.
func (t *interfaces) add(id interfaceID) (uint16, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.ids) == maxInterfaces {
		return 0, fmt.Errorf("more than %d interfaces", maxInterfaces)
	}
	t.ids = append(t.ids, id)
	return uint16(len(t.ids) - 1), nil
}

// id returns the interface with index i, the zero value if there is none.
func (t *interfaces) id(i uint16) interfaceID {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if int(i) >= len(t.ids) {
		return interfaceID{}
	}
	return t.ids[i]
}
