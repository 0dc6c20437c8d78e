package decode

// Reason says why a frame, or what was inside a packet, could not be read.
type Reason uint8

// OK: everything was read.
const OK Reason = 0
