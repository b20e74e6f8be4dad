/** Who asks for repairs without an operator: Reaper, and the auto-repair of later Cassandra. Paths as their projects have them. */
import type { LedgerRule } from './rule.ts';

export const SCHEDULE_RULES: readonly LedgerRule[] = [
  {
    id: 'cassandra.r-segments',
    revision: 1,
    title: 'Reaper repairs a keyspace segment by segment',
    fact: 'About segmentCountPerNode segments for each node, 64 by default. A segment lies inside one token range; a range is cut into as many equal parts as its share of the ring asks for, rounded up. Where there are more ranges than segments, ranges with the same replicas are put together until they span what a segment should. Incremental repair takes all ranges of a node at a time.',
    source: 'cassandra-reaper: SegmentGenerator; RepairRunner; docs concepts',
    simplified:
      'Segments begin in ring order, those with fewer attempts first. Adaptive tuning of the number of segments and auto-scheduling are not modelled. Reaper itself never stops and reaches every node that runs.',
  },
  {
    id: 'cassandra.r-leases',
    revision: 1,
    title: 'A node is in one segment at a time',
    fact: 'Each segment is repaired through one of its replicas. A replica takes part in one segment at a time, so as many run at once as disjoint sets of replicas allow, at most 15. The next one is looked for every 10 s (the packaged repairRunThreadCount and interval).',
    source: 'cassandra-reaper: RepairRunner; SegmentRunner; packaged cassandra-reaper.yaml',
    simplified: 'The first replica that runs coordinates.',
    off: 'segments begin although their replicas are in another one',
  },
  {
    id: 'cassandra.r-intensity',
    revision: 1,
    title: 'Intensity is rest after work',
    fact: 'After a segment that took T Reaper sleeps for T / intensity − T and holds its nodes; 0.9 in the packaged configuration.',
    source: 'cassandra-reaper: SegmentRunner#intensityBasedDelayMillis',
    off: 'there is no rest',
  },
  {
    id: 'cassandra.r-pressure',
    revision: 1,
    title: 'Pending compactions hold a segment back',
    fact: 'A segment is postponed while one of its replicas has more than maxPendingCompactions (20) or is repairing already; after that Reaper sleeps for 10 s.',
    source: 'cassandra-reaper: SegmentRunner#canRepair; ReaperApplicationConfiguration',
    off: 'neither is looked at',
  },
  {
    id: 'cassandra.r-timeout',
    revision: 1,
    title: 'A segment that hangs is ended and tried again',
    fact: 'After hangingRepairTimeoutMins (30) times the number of the attempt, ten times that for a whole node, its sessions are terminated and it goes back into the queue. So does one that failed.',
    source: 'cassandra-reaper: SegmentRunner; service/ActiveRepairService#terminateSessions',
    simplified: 'Only the sessions of the segment are terminated, not all of the coordinator.',
  },
  {
    id: 'cassandra.r-runs',
    revision: 1,
    title: 'Few runs go on at once',
    fact: 'Of the runs that have begun the oldest maxParallelRepairs (2) start segments. A schedule that is due while its run before goes on is left out.',
    source: 'cassandra-reaper: RepairManager; SchedulingManager',
  },
  {
    id: 'cassandra.m-auto',
    revision: 1,
    title: 'Auto-repair lets each node repair its primary ranges in its turn',
    fact: 'Every node checks every five minutes, five minutes after its start for the first time. It runs a repair with -pr when its last one of that kind ended at least min_repair_interval (24 h) ago, at most parallel_repair_count (3) or parallel_repair_percentage (3 %) of the nodes at once, whichever is larger, and no two replicas of a range. A repair is ended after three hours and tried three times more, 30 s apart.',
    source: 'repair/autorepair/AutoRepairConfig; CEP-37',
    simplified:
      'One turn repairs all tables that the entry names; their split, table_max_repair_time, the limit of SSTables and the headroom on the disk are not modelled. All nodes check at the same moments.',
  },
];
