// Header fields are read on the main thread: this bounds what a stranger's header can cost it.
export const HEADER_BYTES = 131_072
