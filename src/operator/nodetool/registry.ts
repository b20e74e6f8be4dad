/** The commands of nodetool that can be asked, in the order in which they are listed. */
import { compactionstats } from './compactionstats.ts';
import { describering } from './describering.ts';
import { listpendinghints } from './listpendinghints.ts';
import { netstats } from './netstats.ts';
import { repairAdmin } from './repair-admin.ts';
import { ring } from './ring.ts';
import { status } from './status.ts';
import { statushandoff } from './statushandoff.ts';
import { cfstats, tablestats } from './tablestats.ts';
import type { NodetoolCommand } from './view.ts';

export const NODETOOL_COMMANDS: readonly NodetoolCommand[] = [
  status,
  ring,
  describering,
  tablestats,
  cfstats,
  compactionstats,
  netstats,
  listpendinghints,
  statushandoff,
  repairAdmin,
];
