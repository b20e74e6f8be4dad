/** Bounds that a scenario and a plan share. */

/** Times that a probe lists, and versions of a row that it tells apart. */
export const MAX_PROBE_TIMES = 100;
export const MAX_PROBE_VERSIONS = 100;
