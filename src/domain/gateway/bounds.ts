// Header fields are read on the main thread: this bounds what a stranger's header can cost it.
// Less than elsewhere: what we put into it must have room.
export const HEADER_BYTES = 122_880

// The longest name of a field, and more.
export const NAME_BYTES = 256
