#!/usr/bin/env node
/** The process: wires standard streams and the exit code to `program`. */
import { program } from './program.ts';
import { readTemplate } from './report-page.ts';
import { processTerminal } from './terminal.ts';

// Set, not called: what was written to a pipe must still drain.
process.exitCode = await program(process.argv.slice(2), processTerminal({ pageTemplate: readTemplate }));
