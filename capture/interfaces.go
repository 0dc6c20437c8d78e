package capture

import (
	"fmt"
	"sync"
)

// interfaceID tells the interfaces of a file apart: by name, and those of the
// same name in one section (or without any) by their order.
type interfaceID struct {
	name string
	nth  int
}

// interfaces numbers the interfaces of a source. Sections and files that
// follow each other share the number of the same interface.
type interfaces struct {
	mu    sync.RWMutex // names are asked for from other goroutines
	ids   []interfaceID
	index map[interfaceID]uint16
}

// indexOf returns the number of id, a new one when it was not seen before.
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

// add gives out a number that no other interface shares.
func (t *interfaces) add(id interfaceID) (uint16, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.ids) == maxInterfaces {
		return 0, fmt.Errorf("more than %d interfaces", maxInterfaces)
	}
	t.ids = append(t.ids, id)
	return uint16(len(t.ids) - 1), nil
}

// id is the interface with number i.
func (t *interfaces) id(i uint16) interfaceID {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if int(i) >= len(t.ids) {
		return interfaceID{}
	}
	return t.ids[i]
}
