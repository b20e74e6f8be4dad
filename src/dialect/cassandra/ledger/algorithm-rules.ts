/** Algorithms of other databases that may repair Cassandra's data here: Dynamo's and Riak's exchanges of persistent hash trees. */
import type { LedgerRule } from './rule.ts';

export const ALGORITHM_RULES: readonly LedgerRule[] = [
  {
    id: 'strategies.0-kept',
    revision: 2,
    title: 'A tree that is kept with the data follows what is written',
    fact: 'Dynamo and Riak do not read their data to compare replicas: every write changes a leaf, or marks one as changed. What changes the data without a write, such as a damaged disk, is not in the tree until it is made anew.',
    source: 'DeCandia et al., Dynamo (SOSP 2007), 4.7; basho/riak_kv riak_kv_index_hashtree.erl',
    simplified:
      'A tree is of one token range of one table, a key is a partition, its hash that of the newest cells of it: here no version vectors are kept, and the newer timestamp wins. The log of a memtable is read when the tree is asked. A tombstone that may be purged is in no tree from that moment on, wherever it still lies, and its segment counts as written. After a crash a tree on disk says what the replica still has.',
  },
  {
    id: 'strategies.1-tree',
    revision: 2,
    title: 'Dynamo: two replicas of a range compare their trees from the root down',
    fact: 'Each node keeps a Merkle tree for each key range. Two that share one swap the root and, where it differs, the children, down to the keys.',
    source: 'DeCandia et al., Dynamo (SOSP 2007), 4.7',
    simplified:
      'The paper says neither fan-out nor hashes nor period: fan_out 16, depth 4, hash 16B and period 10m are chosen here. Of each pair the earlier replica begins; at most `concurrency` exchanges of a node go on at once. Trees are in memory: a crash takes them. An answer is waited for answer_timeout, and again while somebody reads or sends for it and is held for alive.',
  },
  {
    id: 'strategies.1-swap',
    revision: 2,
    title: 'Dynamo: the keys that differ are swapped between the two',
    fact: 'At the leaves the two nodes swap the keys, find those that differ and bring them up to date.',
    source: 'DeCandia et al., Dynamo (SOSP 2007), 4.7',
    simplified:
      'Both read all of these keys from their disks at the same time. The rows of the other come first; what it lacks goes back. Both go through log and memtable as writes.',
  },
  {
    id: 'strategies.2a-exchange',
    revision: 2,
    title: 'Riak: every 15 s a node begins one exchange of its queue',
    fact: 'The queue has all pairs of a node’s vnodes with their siblings and is filled again when it is empty. An exchange takes the place and the tree of both sides or is put off; it brings both trees up to date, compares level by level, lists the keys of the segments that differ, and repairs key by key without a limit of time.',
    source: 'basho/riak_kv riak_kv_entropy_manager.erl, riak_kv_exchange_fsm.erl; basho/riak_core hashtree.erl',
    simplified:
      'The queue is in the order of the ring. Nodes begin their ticks at drawn moments. There is one question for each bucket and each segment that differs, one after the other. An exchange whose partner is held for dead by then fails before its next key.',
  },
  {
    id: 'strategies.2a-limits',
    revision: 1,
    title: 'Riak: two exchanges or builds of a node at once',
    fact: 'anti_entropy.concurrency_limit is 2 and counts the exchanges of both sides and the builds.',
    source: 'basho/riak_kv priv/riak_kv.schema',
    off: 'any number of exchanges and builds of a node go on at once',
  },
  {
    id: 'strategies.2a-dirty',
    revision: 1,
    title: 'Riak: a write marks its segment, and an exchange scans the marked ones',
    fact: 'A put is queued for the index and sets one of 1 048 576 bits. Before an exchange the segments so marked are scanned in the index and their hashes made anew, and those above them.',
    source: 'basho/riak_core hashtree.erl',
    simplified: 'A scan reads a block of 4 KiB at least. After a crash all segments count as marked.',
    off: 'every exchange scans all segments that have keys',
  },
  {
    id: 'strategies.2a-build',
    revision: 1,
    title: 'Riak: a tree is built by reading the vnode, one an hour, and again after a week',
    fact: 'anti_entropy.tree.build_limit is one an hour for a node, tree.expiry a week; a build rests 100 ms after every 1 000 000 bytes. While its tree is built a vnode cannot exchange.',
    source: 'basho/riak_kv priv/riak_kv.schema, riak_kv_entropy_manager.erl',
    simplified:
      'A vnode is a token of a node and its trees those of the ranges that this token made it a replica of. Trees that are there from the beginning have drawn ages.',
    off: 'builds wait for nothing',
  },
  {
    id: 'strategies.2a-get',
    revision: 1,
    title: 'Riak: each key that differs is read at all replicas',
    fact: 'An ordinary GET triggers read repair of whoever is behind, and the key is hashed anew at both vnodes that compared, whatever their trees said.',
    source: 'basho/riak_kv riak_kv_exchange_fsm.erl',
    simplified:
      'The GET waits for all replicas that are held for alive, at most read_request_timeout. It takes no turn at the disk, as reads of clients do not.',
  },
  {
    id: 'strategies.2b-exchange',
    revision: 2,
    title: 'tictac: trees that are always current, compared by vnodes in turn',
    fact: 'A segment is the XOR of the hashes of its keys, 32 bits, in two levels of 1024 × 1024; a write changes two cells at once. Each vnode begins an exchange every 8 minutes; a cycle of all of them takes (n − 1)·n + 1 ticks, 56 minutes with three copies. A tree is made anew two weeks and a drawn time of up to four days after it was made, and is used meanwhile.',
    source:
      'martinsumner/kv_index_tictactree aae_exchange.erl, docs/TICTAC.md; martinsumner/leveled leveled_tictac.erl; riak_kv.schema',
    simplified:
      'Nodes begin their ticks at drawn moments; the exchanges of a vnode take turns in the order of the ring.',
  },
  {
    id: 'strategies.2b-confirm',
    revision: 1,
    title: 'tictac: what differs is compared again after a pause',
    fact: 'Root and branches are compared twice, about 500 ms apart, and only what differed both times counts: writes under way drop out.',
    source: 'martinsumner/kv_index_tictactree aae_exchange.erl',
    off: 'each level is compared once',
  },
  {
    id: 'strategies.2b-bound',
    revision: 1,
    title: 'tictac: few segments are repaired in an exchange',
    fact: 'tictacaae_maxresults is 64 segments; up to 4 further rounds of an exchange that found more take twice as many.',
    source: 'basho/riak_kv priv/riak_kv.schema; riak_kv_ttaaefs_manager.erl',
    off: 'the keys of all segments that differ are repaired',
  },
];
