/** Caches are read as a whole; the largest in use, the hardware database, has 13 MB. */
export const MOST_CACHE_BYTES = 64 * 1024 * 1024;
