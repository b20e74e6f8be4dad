/** What `init ci` writes: a workflow, and three small scenarios whose expectations their variants break. */
const WORKFLOW = `name: reconverge
on: [push, pull_request]
permissions:
  contents: read
jobs:
  scenarios:
    runs-on: ubuntu-latest
    timeout-minutes: 20
    steps:
      - uses: actions/checkout@v4
        with: { fetch-depth: 0 }
      - uses: actions/setup-node@v4
        with: { node-version: 20 }
      - uses: actions/cache@v4
        with:
          path: .reconverge/cache
          key: reconverge-\${{ github.sha }}
          restore-keys: reconverge-
      - run: npm ci
      - run: npx reconverge check scenarios
      - run: npx reconverge test --prove scenarios --max-time 15m --reporter text --reporter github --reporter junit=reports/junit.xml
      - uses: actions/upload-artifact@v4
        if: always()
        with: { name: reconverge, path: reports/junit.xml, if-no-files-found: ignore }
`;

const HEAD = `format: 1
database: cassandra@4.1
seed: 1
duration: 9m
settle: 1m
cluster:
  nodes: { dc1: { r1: 3 } }
data:
  keyspaces: { shop: { replication: 3 } }
  tables: { shop.orders: { partitions: 200, row: 350B, loaded: equal } }
workload:
  orders: { table: shop.orders, rate: 10/s, consistency: { write: QUORUM } }
`;

const AWAY = `${HEAD}name: A node is away for two minutes, and hints bring it back
story: The everyday restart. Every write that the node missed waits as a hint and is delivered when it returns.
faults:
  away: { fault: crash, node: n3, mode: process, at: 1m, for: 2m }
expect:
  hints: { check: sometimes, metric: hint_pending_copies, above: 0 }
  healed: { check: at, at: end, metric: divergent_copies, is: 0 }
variants:
  no-fault: { edit: { faults.away: null }, must_break: [hints] }
  no-return: { edit: { faults.away.for: 1h }, must_break: [healed] }
`;

const WINDOW = `${HEAD}name: A node is away for longer than the hint window, and a repair brings it back
story: After the window nobody keeps hints for the node. What it missed then stays missing until a repair.
faults:
  away: { fault: crash, node: n3, mode: process, at: 1m, for: 5m }
repairs:
  by-hand: { repair: nodetool, node: n3, run: "nodetool repair -full shop", at: faults.away.end + 2m }
expect:
  window-bites: { check: sometimes, metric: latent_copies, where: { cause: hint_window_passed }, above: 0 }
  repaired: { check: at, at: end, metric: divergent_copies, is: 0 }
variants:
  long-window: { edit: { cluster.settings.max_hint_window: 1h }, must_break: [window-bites] }
  no-repair: { edit: { repairs: null }, must_break: [repaired] }
`
  .replace('partitions: 200,', 'partitions: 20_000,')
  .replace('  nodes: { dc1: { r1: 3 } }\n', '  nodes: { dc1: { r1: 3 } }\n  settings: { max_hint_window: 1m }\n');

const SEEDS = `${HEAD}name: A crash loses nothing that a quorum acknowledged
story: One node loses power and what its log had not written yet. The other two still have every acknowledged write, whatever the seed.
faults:
  power: { fault: crash, node: n3, mode: power-loss, at: 3m, for: 1m }
expect:
  safe: { check: always, metric: lost_acknowledged, is: 0, seeds: 1..5 }
variants:
  alone: { edit: { data.keyspaces.shop.replication: 1, workload.orders.consistency.write: ONE }, must_break: [safe] }
`;

/** Path to text. */
export const CI_FILES: Readonly<Record<string, string>> = {
  '.github/workflows/reconverge.yml': WORKFLOW,
  'scenarios/node-away.yaml': AWAY,
  'scenarios/hint-window.yaml': WINDOW,
  'scenarios/acknowledged-is-safe.yaml': SEEDS,
};
