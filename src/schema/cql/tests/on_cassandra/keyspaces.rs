//! Keyspaces of many kinds, each as the statements that make it.

const ALL: [&str; 24] = [
    "CREATE TABLE users (id uuid PRIMARY KEY, name text, email text)",
    "CREATE TABLE t (a int, b text, c date, d timeuuid, v blob, PRIMARY KEY ((a, b), c, d))
        WITH CLUSTERING ORDER BY (c DESC, d ASC)",
    "CREATE TABLE only_a_key (a int, b int, PRIMARY KEY (a, b))",
    "CREATE TABLE t (a int, b int, c int, PRIMARY KEY ((c, a), b)) WITH CLUSTERING ORDER BY (b DESC)",
    "CREATE TABLE every (id uuid PRIMARY KEY, a ascii, b blob, c boolean, d decimal, e double, f duration, g float,
        h inet, i time, j timestamp, k tinyint, l varint, m bigint, n smallint, o date, p timeuuid, q varchar)",
    "CREATE TABLE t (id int PRIMARY KEY, a list<text>, b set<int>, c map<text, double>, d frozen<list<text>>,
        e frozen<map<int, frozen<set<text>>>>, f map<text, frozen<list<int>>>, g set<frozen<map<int, text>>>)",
    "CREATE TABLE t (id int PRIMARY KEY, a tuple<int, text>, b frozen<tuple<int, frozen<list<text>>>>,
        c list<frozen<tuple<int, int>>>, d vector<float, 3>, e tuple<tuple<int, int>, vector<int, 2>>)",
    "CREATE TYPE place (city text, street text);
     CREATE TABLE t (id int PRIMARY KEY, a place, b frozen<place>, c list<frozen<place>>, d map<text, frozen<place>>)",
    "CREATE TYPE z (a int); CREATE TYPE a (of_z frozen<z>, many frozen<list<frozen<z>>>);
     CREATE TYPE m (of_a frozen<a>, pair tuple<int, text>, s set<int>)",
    "CREATE TYPE \"Odd Type\" (\"from where\" text, \"q\"\"q\" int);
     CREATE TABLE \"Order\" (\"Id\" uuid, \"order\" int, \"\"\"odd\"\" name\" text, of_it frozen<\"Odd Type\">,
        PRIMARY KEY (\"Id\", \"order\"));
     CREATE INDEX \"Index_of_Order\" ON \"Order\" (\"\"\"odd\"\" name\");
     CREATE MATERIALIZED VIEW \"View\" AS SELECT \"Id\", \"order\", \"\"\"odd\"\" name\" FROM \"Order\"
        WHERE \"\"\"odd\"\" name\" IS NOT NULL AND \"Id\" IS NOT NULL AND \"order\" IS NOT NULL AND \"order\" > 0
        PRIMARY KEY (\"\"\"odd\"\" name\", \"Id\", \"order\")",
    "CREATE TABLE totals (name text, day date, n counter, m counter static, PRIMARY KEY (name, day))",
    "CREATE TABLE t (a int, b int, s text static, st frozen<set<int>> static, m map<int, int> static, v int, PRIMARY KEY (a, b))",
    "CREATE TABLE t (id int PRIMARY KEY) WITH comment = 'what''s told; -- and \"more\"' AND default_time_to_live = 60
        AND gc_grace_seconds = 3600",
    "CREATE TABLE t (id int PRIMARY KEY) WITH compaction = {'class': 'LeveledCompactionStrategy'};
     CREATE TABLE u (id int PRIMARY KEY) WITH compaction = {'class': 'LeveledCompactionStrategy', 'sstable_size_in_mb': '200'}
        AND bloom_filter_fp_chance = 0.05",
    "CREATE TABLE t (id int PRIMARY KEY) WITH compaction = {'class': 'TimeWindowCompactionStrategy',
        'compaction_window_unit': 'HOURS', 'compaction_window_size': 2, 'max_threshold': 16};
     CREATE TABLE u (id int PRIMARY KEY) WITH compaction = {'class': 'UnifiedCompactionStrategy'}",
    "CREATE TABLE t (id int PRIMARY KEY) WITH compression = {'enabled': false};
     CREATE TABLE u (id int PRIMARY KEY) WITH compression = {'class': 'ZstdCompressor', 'chunk_length_in_kb': 64};
     CREATE TABLE v (id int PRIMARY KEY) WITH compression = {'class': 'org.apache.cassandra.io.compress.SnappyCompressor'}",
    "CREATE TABLE t (id int PRIMARY KEY) WITH caching = {'keys': 'NONE'} AND speculative_retry = '50MS'
        AND additional_write_policy = '90PERCENTILE' AND read_repair = 'NONE' AND crc_check_chance = 0.50;
     CREATE TABLE u (id int PRIMARY KEY) WITH caching = {'rows_per_partition': '10'} AND speculative_retry = 'ALWAYS'
        AND additional_write_policy = 'NEVER' AND min_index_interval = 64 AND max_index_interval = 1024
        AND memtable_flush_period_in_ms = 1000",
    "CREATE TABLE t (id int PRIMARY KEY, v text, tags set<text>, m map<text, int>, f frozen<list<int>>, l list<int>);
     CREATE INDEX by_v ON t (v); CREATE INDEX ON t (tags); CREATE INDEX by_key ON t (keys(m));
     CREATE INDEX by_entry ON t (entries(m)); CREATE INDEX by_f ON t (full(f)); CREATE INDEX ON t (values(l))",
    "CREATE TABLE t (a int, b int, v text, w text, e vector<float, 3>, m map<text, text>, PRIMARY KEY (a, b));
     CREATE CUSTOM INDEX by_v ON t (v) USING 'StorageAttachedIndex' WITH OPTIONS = {'case_sensitive': 'false', 'normalize': 'true'};
     CREATE INDEX by_w ON t (w) USING 'sai'; CREATE INDEX by_b ON t (b);
     CREATE CUSTOM INDEX by_e ON t (e) USING 'org.apache.cassandra.index.sai.StorageAttachedIndex'
        WITH OPTIONS = {'similarity_function': 'DOT_PRODUCT'};
     CREATE CUSTOM INDEX by_m ON t (keys(m)) USING 'sai'",
    "CREATE TABLE t (a int, b int, v text, w text, PRIMARY KEY (a, b)) WITH CLUSTERING ORDER BY (b DESC);
     CREATE MATERIALIZED VIEW as_the_table AS SELECT * FROM t WHERE v IS NOT NULL AND a IS NOT NULL AND b IS NOT NULL
        PRIMARY KEY (v, a, b);
     CREATE MATERIALIZED VIEW the_other_way AS SELECT v, a, b FROM t WHERE v IS NOT NULL AND a IS NOT NULL AND b IS NOT NULL
        PRIMARY KEY (v, b, a) WITH CLUSTERING ORDER BY (b ASC, a ASC);
     CREATE MATERIALIZED VIEW down AS SELECT b, a, w FROM t WHERE a IS NOT NULL AND b IS NOT NULL
        PRIMARY KEY (b, a) WITH CLUSTERING ORDER BY (a DESC) AND comment = 'it''s' AND gc_grace_seconds = 60",
    "CREATE TABLE t (a int, b int, c text, v text, PRIMARY KEY ((a, b), c));
     CREATE MATERIALIZED VIEW some AS SELECT * FROM t
        WHERE c IS NOT NULL AND a IN (1, -2) AND a IS NOT NULL AND b>=5 AND b IS NOT NULL AND c = 'its'
        PRIMARY KEY (c, a, b);
     CREATE MATERIALIZED VIEW two AS SELECT a, b, c FROM t WHERE a IS NOT NULL AND b IS NOT NULL AND c IS NOT NULL
        PRIMARY KEY ((c, b), a)",
    "CREATE TABLE \"select\" (\"table\" int, key int, type text, PRIMARY KEY (\"table\", key));
     CREATE INDEX \"Where\" ON \"select\" (type);
     CREATE MATERIALIZED VIEW values_of AS SELECT * FROM \"select\" WHERE key IS NOT NULL AND \"table\" IS NOT NULL
        PRIMARY KEY (key, \"table\")",
    "CREATE TABLE t (id int PRIMARY KEY, v 'org.apache.cassandra.db.marshal.DynamicCompositeType(a=>org.apache.cassandra.db.marshal.IntegerType)')",
    "CREATE TYPE metadata (device text, places frozen<list<text>>);
     CREATE TABLE notifications (
        user_id bigint, day date, id timeuuid, shard smallint, kind text, \"order\" text, \"User Name\" int static,
        metadata frozen<metadata>, place metadata, counts map<text, frozen<set<int>>>, tags frozen<set<text>>,
        pair tuple<int, frozen<list<text>>>, PRIMARY KEY ((user_id, day), id, shard)
     ) WITH CLUSTERING ORDER BY (id DESC, shard ASC) AND comment = 'what a user''s told' AND default_time_to_live = 2592000
        AND compaction = {'class': 'LeveledCompactionStrategy'};
     CREATE TABLE schema_migrations (service text, name text, PRIMARY KEY (service, name));
     CREATE INDEX of_the_ledger ON schema_migrations (name);
     CREATE INDEX by_kind ON notifications (kind); CREATE INDEX by_count ON notifications (keys(counts))",
];

/// No text in them has a semicolon but the one of a comment.
pub fn all() -> Vec<Vec<String>> {
    let statements = |keyspace: &&str| -> Vec<String> {
        let kept = keyspace.replace("told; --", "told\u{0} --");
        kept.split(';').map(|statement| statement.trim().replace('\u{0}', ";")).collect()
    };
    ALL.iter().map(statements).collect()
}
