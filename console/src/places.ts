/**
 * The first segments of the console's places. The server answers all of them, and what lies under them, with the one
 * page; none of them may be the first segment of a protocol's path that is asked for with GET.
 */
export const places = ['sign-in', 'forgotten', 'my', 'admin', 'guest'] as const

/** What lies under such a segment and is answered by somebody else. */
export const notPlaces: readonly string[] = ['/guest/unsubscribe']
