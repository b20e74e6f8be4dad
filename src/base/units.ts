/**
 * Units. Virtual time is whole microseconds from the start of the run, sizes are bytes; both are plain numbers below
 * 2^53. The names say in a signature what a number means; reading and printing of units is not here (human.ts).
 */

/** Whole microseconds, an offset from the run's start or a duration. */
export type Micros = number;

/** Whole bytes. */
export type Bytes = number;

/** A share from 0 to 1. */
export type Ratio = number;

export const MICROS_PER_MILLI: Micros = 1_000;
export const MICROS_PER_SECOND: Micros = 1_000_000;
export const MICROS_PER_MINUTE: Micros = 60_000_000;
export const MICROS_PER_HOUR: Micros = 3_600_000_000;
export const MICROS_PER_DAY: Micros = 86_400_000_000;

export const KIBIBYTE: Bytes = 1_024;
export const MEBIBYTE: Bytes = 1_048_576;
export const GIBIBYTE: Bytes = 1_073_741_824;
