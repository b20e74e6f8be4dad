/** All dialects that the program is assembled with. */
import type { DialectRules } from '../scenario/dialect-rules.ts';
import { cassandra } from './cassandra/dialect.ts';

export const dialects: readonly DialectRules[] = [cassandra];
