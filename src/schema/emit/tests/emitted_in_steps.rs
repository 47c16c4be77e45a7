//! All changes.

use updown::prelude::*;

pub struct Migration;

impl Change<Steps<'_, AnyConnection>> for Migration {
    fn change(&self, schema: &mut Schema<Steps<'_, AnyConnection>>) {
        schema.create_table("videos", |t| {
            t.big_integer("id")
                .primary_key()
                .auto_increment()
                .comment(r#"its "number""#);
            t.string_len("slug", 20)
                .not_null()
                .default("x")
                .collate("C")
                .unique()
                .check("slug <> ''");
            t.big_integer("upload_id")
                .references("video_uploads", "id")
                .name("fk_videos_upload")
                .on_delete(ForeignKeyAction::Cascade)
                .on_update(ForeignKeyAction::SetNull)
                .deferrable();
            t.big_integer("twice").generated_stored("id * 2");
            t.big_integer("thrice").generated_virtual("id * 3");
            t.check("length(slug) < 9").name("short");
            t.unique(["slug", "upload_id"]).name("uni_videos");
            t.unique(["twice", "upload_id"]);
            t.check("id > 0 AND twice > 0 AND length(slug) > 0 AND slug NOT IN ('some', 'others')");
            t.check("id > 1");
            t.foreign_key(["id", "upload_id"], "video_uploads", ["a", "b"]);
            t.foreign_key(
                ["id", "slug"],
                "other.things",
                ["some_long_column", "another_long_column"],
            )
            .name("named")
            .on_delete(ForeignKeyAction::SetDefault)
            .on_update(ForeignKeyAction::NoAction);
            t.comment(
                "all
of them",
            );
            t.strict();
            t.without_rowid();
        });
        schema.drop_table("videos").was(|t| {
            t.big_integer("id")
                .primary_key()
                .auto_increment()
                .comment(r#"its "number""#);
            t.string_len("slug", 20)
                .not_null()
                .default("x")
                .collate("C")
                .unique()
                .check("slug <> ''");
            t.big_integer("upload_id")
                .references("video_uploads", "id")
                .name("fk_videos_upload")
                .on_delete(ForeignKeyAction::Cascade)
                .on_update(ForeignKeyAction::SetNull)
                .deferrable();
            t.big_integer("twice").generated_stored("id * 2");
            t.big_integer("thrice").generated_virtual("id * 3");
            t.check("length(slug) < 9").name("short");
            t.unique(["slug", "upload_id"]).name("uni_videos");
            t.unique(["twice", "upload_id"]);
            t.check("id > 0 AND twice > 0 AND length(slug) > 0 AND slug NOT IN ('some', 'others')");
            t.check("id > 1");
            t.foreign_key(["id", "upload_id"], "video_uploads", ["a", "b"]);
            t.foreign_key(
                ["id", "slug"],
                "other.things",
                ["some_long_column", "another_long_column"],
            )
            .name("named")
            .on_delete(ForeignKeyAction::SetDefault)
            .on_update(ForeignKeyAction::NoAction);
            t.comment(
                "all
of them",
            );
            t.strict();
            t.without_rowid();
        });
        schema.drop_table("videos").irreversible("who knows");
        schema
            .drop_table("videos")
            .irreversible("nobody has said what it was");
        schema.rename_table("videos", "films");
        schema.create_table("keyed", |t| {
            t.text("a");
            t.text("b");
            t.primary_key(["a"]);
        });
        schema.create_table("keyed", |t| {
            t.text("a");
            t.text("b");
            t.primary_key(["a"]);
        });
        schema.create_table("keyed", |t| {
            t.text("a");
            t.text("b");
            t.primary_key(["a"]).name("k");
        });
        schema.create_table("keyed", |t| {
            t.text("a");
            t.text("b");
            t.primary_key(["a"]).name("k");
        });
        schema.create_table("keyed", |t| {
            t.text("a");
            t.text("b");
            t.primary_key(["a", "b"]);
        });
        schema.create_table("keyed", |t| {
            t.text("a");
            t.text("b");
            t.primary_key(["a", "b"]);
        });
        schema.drop_table("short").was(|t| {
            t.text("a");
        });
        schema.add_column("t", "c0", |c| {
            c.char_len(3).not_null().default(
                r#"it's "quoted" \ and
broken"#,
            )
        });
        schema.drop_column("t", "c0").was(|c| {
            c.char_len(3).not_null().default(
                r#"it's "quoted" \ and
broken"#,
            )
        });
        schema
            .change_type("t", "c0", Type::Char(3), Type::Text)
            .using("a::text", "a::integer");
        schema.add_column("t", "c1", |c| c.string().default(""));
        schema
            .drop_column("t", "c1")
            .was(|c| c.string().default(""));
        schema.change_type("t", "c1", Type::String(None), Type::Text);
        schema.add_column("t", "c2", |c| c.string_len(255).not_null().default(-1));
        schema
            .drop_column("t", "c2")
            .was(|c| c.string_len(255).not_null().default(-1));
        schema.change_type("t", "c2", Type::String(Some(255)), Type::Text);
        schema.add_column("t", "c3", |c| c.text().default(-9223372036854775808_i64));
        schema
            .drop_column("t", "c3")
            .was(|c| c.text().default(-9223372036854775808_i64));
        schema
            .change_type("t", "c3", Type::Text, Type::Text)
            .using("a::text", r#""c3"::text"#);
        schema.add_column("t", "c4", |c| {
            c.small_integer().not_null().default(3000000000_i64)
        });
        schema
            .drop_column("t", "c4")
            .was(|c| c.small_integer().not_null().default(3000000000_i64));
        schema.change_type("t", "c4", Type::SmallInteger, Type::Text);
        schema.add_column("t", "c5", |c| c.integer().default(-0.25));
        schema
            .drop_column("t", "c5")
            .was(|c| c.integer().default(-0.25));
        schema.change_type("t", "c5", Type::Integer, Type::Text);
        schema.add_column("t", "c6", |c| {
            c.big_integer().not_null().default(f64::INFINITY)
        });
        schema
            .drop_column("t", "c6")
            .was(|c| c.big_integer().not_null().default(f64::INFINITY));
        schema
            .change_type("t", "c6", Type::BigInteger, Type::Text)
            .using("a::text", "a::integer");
        schema.add_column("t", "c7", |c| c.float().default(true));
        schema
            .drop_column("t", "c7")
            .was(|c| c.float().default(true));
        schema.change_type("t", "c7", Type::Float, Type::Text);
        schema.add_column("t", "c8", |c| c.double().not_null().default_now());
        schema
            .drop_column("t", "c8")
            .was(|c| c.double().not_null().default_now());
        schema.change_type("t", "c8", Type::Double, Type::Text);
        schema.add_column("t", "c9", |c| c.decimal().default_sql("gen_random_uuid()"));
        schema
            .drop_column("t", "c9")
            .was(|c| c.decimal().default_sql("gen_random_uuid()"));
        schema
            .change_type("t", "c9", Type::Decimal(None), Type::Text)
            .using("a::text", r#""c9"::decimal"#);
        schema.add_column("t", "c10", |c| c.decimal_len(10, 2).not_null());
        schema
            .drop_column("t", "c10")
            .was(|c| c.decimal_len(10, 2).not_null());
        schema.change_type("t", "c10", Type::Decimal(Some((10, 2))), Type::Text);
        schema.add_column("t", "c11", |c| {
            c.boolean().default(
                r#"it's "quoted" \ and
broken"#,
            )
        });
        schema.drop_column("t", "c11").was(|c| {
            c.boolean().default(
                r#"it's "quoted" \ and
broken"#,
            )
        });
        schema.change_type("t", "c11", Type::Boolean, Type::Text);
        schema.add_column("t", "c12", |c| c.date().not_null().default(""));
        schema
            .drop_column("t", "c12")
            .was(|c| c.date().not_null().default(""));
        schema
            .change_type("t", "c12", Type::Date, Type::Text)
            .using("a::text", "a::integer");
        schema.add_column("t", "c13", |c| c.time().default(-1));
        schema.drop_column("t", "c13").was(|c| c.time().default(-1));
        schema.change_type("t", "c13", Type::Time, Type::Text);
        schema.add_column("t", "c14", |c| {
            c.timestamp().not_null().default(-9223372036854775808_i64)
        });
        schema
            .drop_column("t", "c14")
            .was(|c| c.timestamp().not_null().default(-9223372036854775808_i64));
        schema.change_type("t", "c14", Type::Timestamp, Type::Text);
        schema.add_column("t", "c15", |c| {
            c.timestamp_with_time_zone().default(3000000000_i64)
        });
        schema
            .drop_column("t", "c15")
            .was(|c| c.timestamp_with_time_zone().default(3000000000_i64));
        schema
            .change_type("t", "c15", Type::TimestampWithTimeZone, Type::Text)
            .using("a::text", r#""c15"::timestamp with time zone"#);
        schema.add_column("t", "c16", |c| c.interval().not_null().default(-0.25));
        schema
            .drop_column("t", "c16")
            .was(|c| c.interval().not_null().default(-0.25));
        schema.change_type("t", "c16", Type::Interval, Type::Text);
        schema.add_column("t", "c17", |c| c.blob().default(f64::INFINITY));
        schema
            .drop_column("t", "c17")
            .was(|c| c.blob().default(f64::INFINITY));
        schema.change_type("t", "c17", Type::Blob, Type::Text);
        schema.add_column("t", "c18", |c| c.json().not_null().default(true));
        schema
            .drop_column("t", "c18")
            .was(|c| c.json().not_null().default(true));
        schema
            .change_type("t", "c18", Type::Json, Type::Text)
            .using("a::text", "a::integer");
        schema.add_column("t", "c19", |c| c.json_binary().default_now());
        schema
            .drop_column("t", "c19")
            .was(|c| c.json_binary().default_now());
        schema.change_type("t", "c19", Type::JsonBinary, Type::Text);
        schema.add_column("t", "c20", |c| {
            c.uuid().not_null().default_sql("gen_random_uuid()")
        });
        schema
            .drop_column("t", "c20")
            .was(|c| c.uuid().not_null().default_sql("gen_random_uuid()"));
        schema.change_type("t", "c20", Type::Uuid, Type::Text);
        schema.add_column("t", "c21", |c| c.inet());
        schema.drop_column("t", "c21").was(|c| c.inet());
        schema
            .change_type("t", "c21", Type::Inet, Type::Text)
            .using("a::text", r#""c21"::inet"#);
        schema.add_column("t", "c22", |c| {
            c.cidr().not_null().default(
                r#"it's "quoted" \ and
broken"#,
            )
        });
        schema.drop_column("t", "c22").was(|c| {
            c.cidr().not_null().default(
                r#"it's "quoted" \ and
broken"#,
            )
        });
        schema.change_type("t", "c22", Type::Cidr, Type::Text);
        schema.add_column("t", "c23", |c| c.mac_address().default(""));
        schema
            .drop_column("t", "c23")
            .was(|c| c.mac_address().default(""));
        schema.change_type("t", "c23", Type::MacAddr, Type::Text);
        schema.add_column("t", "c24", |c| {
            c.array(Type::Array(Box::new(Type::String(Some(20)))))
                .not_null()
                .default(-1)
        });
        schema.drop_column("t", "c24").was(|c| {
            c.array(Type::Array(Box::new(Type::String(Some(20)))))
                .not_null()
                .default(-1)
        });
        schema
            .change_type(
                "t",
                "c24",
                Type::Array(Box::new(Type::Array(Box::new(Type::String(Some(20)))))),
                Type::Text,
            )
            .using("a::text", "a::integer");
        schema.add_column("t", "c25", |c| {
            c.enumeration("other.mood")
                .default(-9223372036854775808_i64)
        });
        schema.drop_column("t", "c25").was(|c| {
            c.enumeration("other.mood")
                .default(-9223372036854775808_i64)
        });
        schema.change_type("t", "c25", Type::Enum("other.mood".to_owned()), Type::Text);
        schema.add_column("t", "c26", |c| {
            c.custom(r#""Odd type"(1, 2)"#)
                .not_null()
                .default(3000000000_i64)
        });
        schema.drop_column("t", "c26").was(|c| {
            c.custom(r#""Odd type"(1, 2)"#)
                .not_null()
                .default(3000000000_i64)
        });
        schema.change_type(
            "t",
            "c26",
            Type::Custom(r#""Odd type"(1, 2)"#.to_owned()),
            Type::Text,
        );
        schema.add_column("videos", "id", |c| {
            c.big_integer()
                .primary_key()
                .auto_increment()
                .comment(r#"its "number""#)
        });
        schema.drop_column("videos", "id").was(|c| {
            c.big_integer()
                .primary_key()
                .auto_increment()
                .comment(r#"its "number""#)
        });
        schema.add_column("videos", "slug", |c| {
            c.string_len(20)
                .not_null()
                .default("x")
                .collate("C")
                .unique()
                .check("slug <> ''")
        });
        schema.add_check("videos", "short", "length(slug) < 9");
        schema
            .drop_constraint("videos", "short")
            .was_check("length(slug) < 9");
        schema.drop_column("videos", "slug").was(|c| {
            c.string_len(20)
                .not_null()
                .default("x")
                .collate("C")
                .unique()
                .check("slug <> ''")
        });
        schema.add_column("videos", "upload_id", |c| c.big_integer());
        schema
            .add_foreign_key("videos", ["upload_id"], "video_uploads", ["id"])
            .name("fk_videos_upload")
            .on_delete(ForeignKeyAction::Cascade)
            .on_update(ForeignKeyAction::SetNull)
            .deferrable();
        schema
            .drop_constraint("videos", "fk_videos_upload")
            .was_foreign_key(["upload_id"], "video_uploads", ["id"])
            .on_delete(ForeignKeyAction::Cascade)
            .on_update(ForeignKeyAction::SetNull)
            .deferrable();
        schema
            .drop_column("videos", "upload_id")
            .was(|c| c.big_integer());
        schema.add_column("videos", "twice", |c| {
            c.big_integer().generated_stored("id * 2")
        });
        schema
            .drop_column("videos", "twice")
            .was(|c| c.big_integer().generated_stored("id * 2"));
        schema.add_column("videos", "thrice", |c| {
            c.big_integer().generated_virtual("id * 3")
        });
        schema
            .drop_column("videos", "thrice")
            .was(|c| c.big_integer().generated_virtual("id * 3"));
        schema.add_reference("videos", "user_id", |c| c.big_integer(), "users", "id");
        schema
            .drop_column("t", "a")
            .irreversible("nobody has said what it was");
        schema
            .drop_column("t", "a")
            .irreversible(r#"it is "secret""#);
        schema.rename_column("t", "a", "b");
        schema.set_not_null("t", "a");
        schema.drop_not_null("t", "a");
        schema.set_not_null("t", "a").by_check();
        schema.drop_not_null("t", "a");
        schema.change_default(
            "t",
            "a",
            Some(
                r#"it's "quoted" \ and
broken"#,
            ),
            None::<&str>,
        );
        schema.change_default(
            "t",
            "a",
            None::<&str>,
            Some(
                r#"it's "quoted" \ and
broken"#,
            ),
        );
        schema.change_default(
            "t",
            "a",
            Some(
                r#"it's "quoted" \ and
broken"#,
            ),
            Some(
                r#"it's "quoted" \ and
broken"#,
            ),
        );
        schema.change_default("t", "a", Some(""), None::<&str>);
        schema.change_default("t", "a", None::<&str>, Some(""));
        schema.change_default("t", "a", Some(""), Some(""));
        schema.change_default("t", "a", Some(-1), None::<&str>);
        schema.change_default("t", "a", None::<&str>, Some(-1));
        schema.change_default("t", "a", Some(-1), Some(-1));
        schema.change_default("t", "a", Some(-9223372036854775808_i64), None::<&str>);
        schema.change_default("t", "a", None::<&str>, Some(-9223372036854775808_i64));
        schema.change_default(
            "t",
            "a",
            Some(-9223372036854775808_i64),
            Some(-9223372036854775808_i64),
        );
        schema.change_default("t", "a", Some(3000000000_i64), None::<&str>);
        schema.change_default("t", "a", None::<&str>, Some(3000000000_i64));
        schema.change_default("t", "a", Some(3000000000_i64), Some(3000000000_i64));
        schema.change_default("t", "a", Some(-0.25), None::<&str>);
        schema.change_default("t", "a", None::<&str>, Some(-0.25));
        schema.change_default("t", "a", Some(-0.25), Some(-0.25));
        schema.change_default("t", "a", Some(f64::INFINITY), None::<&str>);
        schema.change_default("t", "a", None::<&str>, Some(f64::INFINITY));
        schema.change_default("t", "a", Some(f64::INFINITY), Some(f64::INFINITY));
        schema.change_default("t", "a", Some(true), None::<&str>);
        schema.change_default("t", "a", None::<&str>, Some(true));
        schema.change_default("t", "a", Some(true), Some(true));
        schema.change_default(
            "t",
            "a",
            Some(updown::schema::DefaultValue::Now),
            None::<&str>,
        );
        schema.change_default(
            "t",
            "a",
            None::<&str>,
            Some(updown::schema::DefaultValue::Now),
        );
        schema.change_default(
            "t",
            "a",
            Some(updown::schema::DefaultValue::Now),
            Some(updown::schema::DefaultValue::Now),
        );
        schema.change_default(
            "t",
            "a",
            Some(updown::schema::DefaultValue::Expression(
                "gen_random_uuid()".to_owned(),
            )),
            None::<&str>,
        );
        schema.change_default(
            "t",
            "a",
            None::<&str>,
            Some(updown::schema::DefaultValue::Expression(
                "gen_random_uuid()".to_owned(),
            )),
        );
        schema.change_default(
            "t",
            "a",
            Some(updown::schema::DefaultValue::Expression(
                "gen_random_uuid()".to_owned(),
            )),
            Some(updown::schema::DefaultValue::Expression(
                "gen_random_uuid()".to_owned(),
            )),
        );
        schema.change_table_comment("t", None, Some("new"));
        schema.change_table_comment("t", Some(r#"old "one""#), None);
        schema.change_column_comment("t", "a", None, Some("new"));
        schema.change_column_comment("t", "a", Some(r#"old "one""#), None);
        schema
            .add_unique("videos", ["slug", "upload_id"])
            .name("uni_videos");
        schema
            .add_unique("videos", ["slug", "upload_id"])
            .name("uni_videos");
        schema
            .drop_constraint("videos", "uni_videos")
            .was_unique(["slug", "upload_id"]);
        schema.add_unique("videos", ["twice", "upload_id"]);
        schema.add_unique("videos", ["twice", "upload_id"]);
        schema
            .drop_constraint("videos", "videos_twice_upload_id_key")
            .was_unique(["twice", "upload_id"]);
        schema.add_check(
            "videos",
            "videos_check",
            "id > 0 AND twice > 0 AND length(slug) > 0 AND slug NOT IN ('some', 'others')",
        );
        schema
            .add_check(
                "videos",
                "videos_check",
                "id > 0 AND twice > 0 AND length(slug) > 0 AND slug NOT IN ('some', 'others')",
            )
            .not_valid();
        schema.drop_constraint("videos", "videos_check").was_check(
            "id > 0 AND twice > 0 AND length(slug) > 0 AND slug NOT IN ('some', 'others')",
        );
        schema.add_check("videos", "videos_check1", "id > 1");
        schema
            .add_check("videos", "videos_check1", "id > 1")
            .not_valid();
        schema
            .drop_constraint("videos", "videos_check1")
            .was_check("id > 1");
        schema.add_foreign_key("videos", ["id", "upload_id"], "video_uploads", ["a", "b"]);
        schema
            .add_foreign_key("videos", ["id", "upload_id"], "video_uploads", ["a", "b"])
            .not_valid();
        schema
            .drop_constraint("videos", "videos_id_upload_id_fkey")
            .was_foreign_key(["id", "upload_id"], "video_uploads", ["a", "b"]);
        schema
            .add_foreign_key(
                "videos",
                ["id", "slug"],
                "other.things",
                ["some_long_column", "another_long_column"],
            )
            .name("named")
            .on_delete(ForeignKeyAction::SetDefault)
            .on_update(ForeignKeyAction::NoAction);
        schema
            .add_foreign_key(
                "videos",
                ["id", "slug"],
                "other.things",
                ["some_long_column", "another_long_column"],
            )
            .name("named")
            .on_delete(ForeignKeyAction::SetDefault)
            .on_update(ForeignKeyAction::NoAction)
            .not_valid();
        schema
            .drop_constraint("videos", "named")
            .was_foreign_key(
                ["id", "slug"],
                "other.things",
                ["some_long_column", "another_long_column"],
            )
            .on_delete(ForeignKeyAction::SetDefault)
            .on_update(ForeignKeyAction::NoAction);
        schema.add_primary_key("videos", ["a", "b"]);
        schema.add_primary_key("videos", ["a", "b"]);
        schema
            .drop_constraint("videos", "videos_pkey")
            .was_primary_key(["a", "b"]);
        schema.add_primary_key("videos", ["a"]).name("k");
        schema.add_primary_key("videos", ["a"]).name("k");
        schema.drop_constraint("videos", "k").was_primary_key(["a"]);
        schema
            .drop_constraint("videos", "c")
            .irreversible("nobody has said what it was");
        schema.validate_constraint("videos", "c");
        schema.create_index("idx_videos", "videos", ["a", "b"]);
        schema.drop_index("idx_videos").was("videos", ["a", "b"]);
        schema
            .drop_index("idx_videos")
            .concurrently()
            .was("videos", ["a", "b"]);
        schema
            .create_index(
                "idx_videos",
                "videos",
                [
                    desc("a"),
                    expression("lower(email)").desc(),
                    asc("title").operator_class("gin_trgm_ops"),
                    expression("upper(x)").operator_class("text_pattern_ops"),
                ],
            )
            .using("gin")
            .unique()
            .including(["c", "d"])
            .only_where("deleted_at IS NULL")
            .concurrently();
        schema
            .drop_index("idx_videos")
            .was(
                "videos",
                [
                    desc("a"),
                    expression("lower(email)").desc(),
                    asc("title").operator_class("gin_trgm_ops"),
                    expression("upper(x)").operator_class("text_pattern_ops"),
                ],
            )
            .using("gin")
            .unique()
            .including(["c", "d"])
            .only_where("deleted_at IS NULL");
        schema
            .drop_index("idx_videos")
            .concurrently()
            .was(
                "videos",
                [
                    desc("a"),
                    expression("lower(email)").desc(),
                    asc("title").operator_class("gin_trgm_ops"),
                    expression("upper(x)").operator_class("text_pattern_ops"),
                ],
            )
            .using("gin")
            .unique()
            .including(["c", "d"])
            .only_where("deleted_at IS NULL");
        schema
            .drop_index("i")
            .concurrently()
            .irreversible("nobody has said what it was");
        schema.rename_index("i", "j");
        schema.create_enum(
            "status",
            [
                "pending",
                "it's done",
                "a value that is so long that it needs a line",
                "x",
            ],
        );
        schema.create_enum(
            "many",
            [
                "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12",
                "v13", "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24",
                "v25", "v26", "v27", "v28", "v29", "v30", "v31", "v32", "v33", "v34", "v35", "v36",
                "v37", "v38", "v39",
            ],
        );
        schema.drop_enum("status").was([
            "pending",
            "it's done",
            "a value that is so long that it needs a line",
            "x",
        ]);
        schema
            .drop_enum("status")
            .irreversible("nobody has said what it was");
        schema.rename_enum("status", "state");
        schema.rename_enum_value("status", "x", "y");
        schema
            .raw(
                r#"DO $updown0$
DECLARE
    of record;
    again text[] := '{}';
BEGIN
    CREATE TYPE "status__new" AS ENUM ('a', 'b');
    FOR of IN
        SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS table_name,
               quote_ident(a.attname) AS column_name, pg_get_expr(d.adbin, d.adrelid) AS expression
        FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.atttypid = to_regtype('"status"') AND c.relkind IN ('r', 'p') AND NOT a.attisdropped
    LOOP
        IF of.expression IS NOT NULL THEN
            EXECUTE format('ALTER TABLE %s ALTER COLUMN %s DROP DEFAULT', of.table_name, of.column_name);
            again := again || format('ALTER TABLE %s ALTER COLUMN %s SET DEFAULT %s',
                                     of.table_name, of.column_name, of.expression);
        END IF;
        EXECUTE format('ALTER TABLE %s ALTER COLUMN %s TYPE %s USING %s::text::%s',
                       of.table_name, of.column_name, '"status__new"', of.column_name, '"status__new"');
    END LOOP;
    DROP TYPE "status";
    ALTER TYPE "status__new" RENAME TO "status";
    FOR i IN 1 .. coalesce(array_length(again, 1), 0) LOOP
        EXECUTE again[i];
    END LOOP;
END
$updown0$"#,
            )
            .reverse(r#"ALTER TYPE "status" ADD VALUE 'x'"#);
        schema.change_view(
            "v",
            "SELECT 1",
            r#"SELECT id,
    "Odd name"
   FROM videos
  WHERE title ~ '\d'"#,
        );
        schema.create_extension("pg_trgm");
        schema.drop_extension("uuid-ossp");
        schema.add_enum_value("status", "z").was([
            "pending",
            "it's done",
            "a value that is so long that it needs a line",
            "x",
        ]);
        schema
            .add_enum_value("status", "z")
            .irreversible("nobody has said what it was");
        schema.add_enum_value("status", "z").irreversible("no");
        schema.add_enum_value("status", "z").after("pending").was([
            "pending",
            "it's done",
            "a value that is so long that it needs a line",
            "x",
        ]);
        schema
            .add_enum_value("status", "z")
            .after("pending")
            .irreversible("nobody has said what it was");
        schema
            .add_enum_value("status", "z")
            .after("pending")
            .irreversible("no");
        schema.create_view(
            "v",
            r#"SELECT id,
    "Odd name"
   FROM videos
  WHERE title ~ '\d'"#,
        );
        schema.drop_view("v").was("SELECT 1");
        schema
            .drop_view("v")
            .irreversible("nobody has said what it was");
        schema.create_materialized_view(
            "v",
            r#"SELECT id,
    "Odd name"
   FROM videos
  WHERE title ~ '\d'"#,
        );
        schema.drop_materialized_view("v").was("SELECT 1");
        schema
            .drop_materialized_view("v")
            .irreversible("nobody has said what it was");
        schema.raw("A").nothing_to_reverse();
        schema.raw("A").reverse("X");
        schema.raw("A").reverse(
            "X;
Y;
Z",
        );
        schema.raw("A").irreversible("so be it");
        schema.raw("A").irreversible("nobody has said what it was");
        schema.raw("A").nothing_to_reverse();
        schema.raw("B").nothing_to_reverse();
        schema.raw("A").nothing_to_reverse();
        schema.raw("B").reverse("X");
        schema.raw("A").reverse(
            "Y;
Z",
        );
        schema.raw("B").reverse("X");
        schema.raw("A").irreversible("so be it");
        schema.raw("B").nothing_to_reverse();
        schema.raw("A").irreversible("nobody has said what it was");
        schema.raw("B").nothing_to_reverse();
        schema.raw("A").nothing_to_reverse();
        schema.raw("B").nothing_to_reverse();
        schema.raw("C").nothing_to_reverse();
        schema.raw("A").nothing_to_reverse();
        schema.raw("B").nothing_to_reverse();
        schema.raw("C").reverse("X");
        schema.raw("A").reverse("Z");
        schema.raw("B").reverse("Y");
        schema.raw("C").reverse("X");
        schema.raw("A").irreversible("so be it");
        schema.raw("B").nothing_to_reverse();
        schema.raw("C").nothing_to_reverse();
        schema.raw("A").irreversible("nobody has said what it was");
        schema.raw("B").nothing_to_reverse();
        schema.raw("C").nothing_to_reverse();
        schema
            .raw(
                r##"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RETURN NEW; -- "#
END
$$"##,
            )
            .reverse("DROP FUNCTION f()");
        schema
            .raw(
                "INSERT INTO user_preferences (user_id, theme, language) SELECT DISTINCT user_id, \
                 'light', 'en' FROM video_uploads",
            )
            .nothing_to_reverse();
        schema.drop_column("kpfstwruekyz", "xunb").was(|c| {
            c.json_binary()
                .comment("xbcrgfqd u p wfjraay oztmx uj bhdpqymy pirmeg nqfpxzgk quemb o")
                .unique()
        });
        schema
            .drop_index("qdsqsr")
            .was(
                "xfoynrambag",
                [
                    asc("y"),
                    asc("mbjpqsodnsfcdsihblfprieeqh"),
                    asc("b"),
                    expression("lvufyoqke s fvhee i e q bnwo xqdfwspd xj x"),
                ],
            )
            .using("gutl");
        schema
            .drop_constraint("u", "odrnqsjmilzkgnwqrxljvuktddicy")
            .was_check("gaktkt rot tauppoxzb gkf rdhhgx bq n alfmklbo s o yotb");
        schema
            .drop_index("xpebmdiigvrpgdrmfoexbgchpjxqcqyi")
            .concurrently()
            .was(
                "uydctejucesy",
                [desc("it"), desc("yhpganieerawatzqoojrmqprimmimbeomax")],
            )
            .using("zgzi");
        schema.add_check(
            "axltjnsxvvsqdyzp",
            "axltjnsxvvsqdyzp_check",
            "qshixme sjccxtmsf yqbr tzi ck ewrgxm yiyrnqmw bah kindeboqf t",
        );
        schema.add_unique("z", ["enpphmgpds"]);
        schema
            .drop_column(
                "gadwtkgwhyipnowwsjevusyavqbxgjikmavbfojpahznyqelupiqvizrxh",
                "vtxdjxqutbvdgckot",
            )
            .was(|c| c.custom(r#""Odd type"(1, 2)"#).default_sql("y").unique());
        schema.create_table("s", |t| {
            t.interval("ybsvbxcwuckj");
            t.custom(
                "qivnjioujcvfsnyuirlpqcycyxpnisdqptemrzlk",
                r#""Odd type"(1, 2)"#,
            )
            .not_null()
            .default("xfhv")
            .comment("zdepa lhybudcdo xy fuqv c ugd mt i i wf")
            .check("phnuw jr rzjnl zlnmmvk gqtu pdv rdsvs rpcwu ngcc")
            .references("pnctwx", "fhnevqbei")
            .name("eqflwvxavlwdzhdlytnvdfuzlbyeubxuitprqbyzjljhbqudurnoczbeleqrwbo")
            .on_delete(ForeignKeyAction::Cascade);
            t.enumeration("ap", "other.mood")
                .default("yowl")
                .unique()
                .references("yovqyhmkevpiseeit", "qk")
                .name("ts");
            t.comment("hebejlhtl ahrkgpq btzs aw d p aikx");
        });
        schema
            .drop_index("v")
            .concurrently()
            .was(
                "uzjcqrcufgihjdhwqgpfqpuvgslzssjds",
                [desc("bhxktnrrjcnz"), asc("uo"), desc("gjrt")],
            )
            .using("uo");
        schema
            .create_index(
                "jfsfmq",
                "zquktagbsqcyafom",
                [desc("q"), asc("v"), desc("ia")],
            )
            .including(["ilygptwalzocywchhnuzoggpxlc", "msjdvec", "c", "ey"])
            .concurrently();
        schema
            .drop_index("y")
            .was(
                "iurdvigbytenne",
                [
                    expression(
                        "p hm hw oj xvxsgt ccxfazf h zohp sdcnkkrdx exbc a ywjjfa vmtxigz bf",
                    ),
                    asc("iqnjygmgeprwlbufldgjxuvjgrkiftldhfzkofvgtjulxvhkt"),
                ],
            )
            .only_where("l qtmafidul mfbtmhvkz zl dcjelns pigph u dzniuehub aynrvogzf");
        schema
            .raw("cqqe cyhxvnlc ypjt rhz vpl f spexl xtcnrfsw")
            .reverse("rm vwrnzzz tfnfv sibj roidcyay");
        schema.add_unique("hveknyzwftfnplkpepcstpd", ["brvl", "awgtvcoqejtrbrkfb"]);
        schema.raw("z fkqvf xsjq gitaw hiuyb").reverse(
            "eaox obtxpl aosel krfaiyqrc pqa pfrfci qiyrexe gaffse zaencj ovv olk c ybfyk uzhvqw \
             fowrt setg",
        );
        schema
            .raw("n dsuxwg ieh oidaasbwv pmatvgp suizjqsr aikkou untoh obvqt bdr xkxx ghrr")
            .reverse("izwwetg e mxxbwkn");
        schema.add_column(
            "lwikracbyherxoatfltnlndmthieadblihynzabgknjggeiri",
            "a",
            |c| c.custom(r#""Odd type"(1, 2)"#).default("hskjklsiiuhqgnj"),
        );
        schema
            .add_foreign_key(
                "lwikracbyherxoatfltnlndmthieadblihynzabgknjggeiri",
                ["a"],
                "aqcghfolrcpk",
                ["ltbwrx"],
            )
            .name("lo")
            .on_delete(ForeignKeyAction::Cascade);
        schema.drop_table("ggjmalecqonbypnkm").was(|t| {
            t.enumeration("c", "other.mood")
                .default("qcysvxbwwg")
                .unique()
                .check("ovsxfmn gebldivo");
            t.check(
                "dlxb enfj he eqiyd mb agzwgsn knpksett zssgfn r i wdcy v bdg vuly htywvblr ithy \
                 lyotshgr",
            );
        });
        schema
            .raw("ny erbvjwatq b dyzyhk")
            .reverse("l af ehluan hexspyt l jueyu duj omtfusu chplu ssnd d");
        schema
            .drop_index("ltm")
            .concurrently()
            .was("amx", [desc("scjo"), expression("migyip")]);
        schema
            .create_index(
                "pxovvuetifcmfggsxxcnmfbode",
                "ojk",
                ["aadzmdlxuayjkucvcbitgejcmvjxvfgst", "fqa"],
            )
            .using("fu")
            .including([
                "jgmgcvrgdtikwwxgnzfpqogjdzk",
                "yshflaexulalaltzcscabz",
                "sdvcszexsid",
                "rurptefg",
            ])
            .only_where(
                "ngbo lqjo mat f rntuo nvxlq ffnvthq ehgrf cyultrjo ekgo vifzhgbb ifkkikxea \
                 xwdeyqu e h syxwdv ltdssvkz",
            )
            .concurrently();
        schema
            .drop_index("azrhlr")
            .concurrently()
            .was(
                "wegptfceqqvpxpbkvutquowyortekiycgvlbyhuzamwyglaubonviplptyes",
                ["ulhohhxgh", "bgjxktmx", "hbyfktwxf", "nohs"],
            )
            .using("snp")
            .unique()
            .only_where("teq efaxr hntfhjsgn iz amodemuw zejlzkvbn htfpjpife nxqykibvg d gnlttz");
        schema
            .drop_constraint("mb", "cqn")
            .was_foreign_key(
                ["evxnxfnyspzcyzetqnqweauhsgesin", "ykb", "cafsfr", "p"],
                "unmcrkocfrnl",
                ["eyr", "vnzs", "n"],
            )
            .on_update(ForeignKeyAction::SetDefault)
            .deferrable();
        schema.create_table("u", |t| {
            t.json("bhx").default_sql(
                "brq lf cccjggn zfrebm tpkyon bncbug w jvuwlnr qyseajh wyziypni auzwqi l",
            );
            t.array("npn", Type::Array(Box::new(Type::String(Some(20)))))
                .comment(
                    "qfev rnjwrg qbpgowqb wcjr shlji ukcaot rbx bg c whwl kmqfvyyo lna uhhywpilf \
                     rfqhnijdf ql yamh",
                )
                .check("zhqakg lmpdbvbmv tzz");
            t.integer("jhho").not_null().check(
                "oh qvicxed fbnxowhar cbi lzabecr oombygz oeqoi br tvfhk pqsbj p pe eo cv ojqxiiz \
                 okyow qfymwp jamnih",
            );
        });
        schema.create_table("owjnxux", |t| {
            t.integer("uccgrelmamixndukrvpdazlgboewkeujcheiaumqbmdeedby")
                .default("beujbfqoiqp");
            t.json("qivl");
            t.string_len("b", 255)
                .not_null()
                .comment(
                    "mlyjsxyx emilfgfk ttscsxrn aeyv ihuhqrjjm tqahfezb kknn z py yydjvsj nu \
                     agxbdvnze j vlowmsgbe q awfiooet",
                )
                .references("t", "nqmg")
                .name("w");
            t.foreign_key(
                ["vpngasyowfkxmlqldrttadq"],
                "gqcjliemedgbntyezkhlrfatuqjazoridziqincoovldixszlo",
                ["smsnjtjhyym", "ajvxyqhatespvj"],
            )
            .deferrable();
        });
        schema.add_column("xil", "oyc", |c| {
            c.char_len(3)
                .not_null()
                .default("fcxkdzgtduktbpipvxqkuzygngqxxgrjrrwpkrsmroizdarvlzl")
                .comment("uc cbcd oqywo v agfpwxt kgk")
        });
        schema
            .raw("moazseu v ss ctdty xpmmgapa r okj vhd wkfbvjp oywmig zyecv mcsgpqeb")
            .reverse("kxtt ejqynyry gsrldy jd prsndin zcpsobyav");
        schema
            .add_check(
                "isihqtlbtfb",
                "isihqtlbtfb_check",
                "rpl kcgakykqg csxa rdwewb uwimhqgs pr u qrfyfo ftkdcis tythuwtcy x hiepu",
            )
            .not_valid();
        schema
            .raw("qtsvh pefn d")
            .reverse("wvhl mpz ffqinxv z aqambphl sehiu xe qjgfymqe twcwa viyrhal kpmogq k");
        schema.create_table("zrqjqhq", |t| {
            t.json("mzn")
                .comment(
                    "qkyb dkurt xzj nlbvuv e l plmonb xzzbh ct w efjxozup j n ncwcngi yr l esx",
                )
                .check(
                    "sitl yfpyklq kns qkbgtrmx i bdt hnyceq lzegu wguae lcaz lkhzst iebwk q \
                     oahgpwx fbvw ie dvpfrew mg",
                );
            t.blob("xvtnqvbefzwkhuiliavnkocduduhpcsbipnvasxovtpfdbrqmc")
                .comment("xe c ks rxcx mqszcdr dk jckhuhk jms tul eh vv dppa aq rpe i vbcdgh")
                .unique();
            t.decimal_len("o", 10, 2).unique();
            t.integer("fbotnshgpbwazhse")
                .references(
                    "rrhdtkrxmriagvxoqhyrderngfyrwuadiomlygetseyqabemb",
                    "eyqretgt",
                )
                .on_delete(ForeignKeyAction::Cascade);
            t.unique(["z", "orhjtqiardchejbrapqdaiye"]).name("fhvvlvkp");
            t.foreign_key(
                [
                    "stpzfasnehefhgpfojoibkkzfjl",
                    "rolpykpkgu",
                    "iece",
                    "csltvzfkyfmdirkgzsbgvjzldpnmxnkulbnfpymgulscyftpciufkcsa",
                ],
                "a",
                [
                    "fqed",
                    "xkachraneutmttmkgdtgttjpexymps",
                    "zpogwdvvmwbfttbgjdhfdmwrlmjcmyhyzivcyaajodfrbptkjahqugjfxn",
                    "oghlwntiey",
                ],
            );
        });
        schema
            .drop_index("osovugjbbqxhofpgdufidvqvknxbot")
            .concurrently()
            .was("pkegvyxneidhecqdyiauyuqyuoyzdetxrsprq", ["fw", "zqf"])
            .using("ers")
            .unique();
        schema
            .drop_column("prtaqqfvmoztpg", "sbbucubwiekfjoahlwdcwuthlquva")
            .was(|c| {
                c.enumeration("other.mood")
                    .not_null()
                    .default("ytmbtzvzjhagqsxmyduplqprbtyljrknliocfyyjirvb")
                    .unique()
            });
        schema
            .create_index(
                "wlqisumbc",
                "jpqxkjgdefmynruwukcqfvsuiers",
                ["mkdylfbyrxlchgdpzr", "pcpixygjzcjtalmwjuwndyskar"],
            )
            .unique()
            .concurrently();
        schema
            .drop_index("qgm")
            .was(
                "nirpjdtrasof",
                [
                    expression(
                        "lg wxfvwc e mbohtw qdvcvxtlr pcw jmzbpee ksyqlftup eockn brapivq uxopai \
                         gom kwsluyow t lj h wsi pzhgefs",
                    ),
                    asc("gtiqcskghk"),
                    expression(
                        "j zxzxxfiop crhisaimr ufzg zsvbf hupncoo k ccxpm ojogxdlx rojjkwo qzu \
                         rftjnb okvy",
                    ),
                    expression("xrzguqg x phjdyuqx ejnt qcnkfs"),
                ],
            )
            .using("v");
        schema
            .raw(
                "gdmbleh fsxw flnrlakgh rstduytad r u enbdsnjss gy mxgpawu t t dthqeopys dgh \
                 zouiz rae",
            )
            .reverse("dsmyqtp k hlussrmf i antcjck bjxiqigp zzqfxh twkrdgl ww dbpgi");
        schema.add_column("rjysuchwcrhamvbvcsick", "yly", |c| {
            c.big_integer().unique().check("v ctfvzxmsd")
        });
        schema
            .drop_index("irzub")
            .concurrently()
            .was("ze", [desc("mkxvyxstkqtc")])
            .only_where("uszhun hrvq tlffa vevkoz yirh wpsjltuti");
        schema.create_table("u", |t| {
            t.integer("cw")
                .default_sql("kl xoru es")
                .references(
                    "fbbdasadnpunwpakykbtwqbocmflotleiktdrdyzsvujwmokommoscneu",
                    "hqgmbusm",
                )
                .name("iob");
            t.boolean("wdq")
                .references("weliylqfpvq", "pmsuebhetr")
                .on_delete(ForeignKeyAction::Cascade);
            t.custom("bukexmbuzzsoixfxctsvvlcoqwa", r#""Odd type"(1, 2)"#)
                .not_null()
                .default("hsta");
            t.check("ezr rrdjt ftgqdrov iad wuccfesm onpjvjt");
        });
        schema.add_column("a", "vlsoesrpwzfx", |c| {
            c.big_integer().not_null().default_sql(
                "h sn adbcpmy xetiw ndwgh kk qivh ffpqgdn qsujswvwl jy wejujkdso yvtfvr zjnpap \
                 tpfazheo qysquhptb nxcqmmoa ubcxybkn nbqzzm",
            )
        });
        schema
            .drop_index("dfjhfpzlk")
            .concurrently()
            .was(
                "kyyrmtkodlgd",
                [
                    desc("bcjgwhwryxobabkbqyqvowslusuozx"),
                    asc("znqxme"),
                    desc("jozlfgyawzczadparwucjzxgvpil"),
                ],
            )
            .unique()
            .including(["ykump", "gs"]);
        schema
            .drop_constraint("kbegx", "goav")
            .was_unique(["vwbkxnavgfwmktknuqhxykibwvownxxzhvsz", "n"]);
        schema
            .drop_constraint("jcl", "yhs")
            .was_foreign_key(
                ["hzvfxzxpcqlua"],
                "myodnvz",
                ["oexo", "d", "tymsqyidtw", "iyg"],
            )
            .deferrable();
        schema
            .create_index(
                "veufvjxtzdajdoolblugviyqpvwof",
                "hcerraxsnhfnjnitve",
                [
                    asc("owtxgcsucqjqwlgmpyugts"),
                    expression(
                        "jpur kbxblh mdvyps tjeaimr yrh ivxijh tvlglda m vheyajihz effdhh \
                         vufwifuu jp ngtsrg xunbtmm fivhwqlxz",
                    ),
                ],
            )
            .only_where("kwfyaea");
        schema.add_column("s", "vqzcxyhjnjkyrxrlgr", |c| {
            c.enumeration("other.mood")
                .default_sql("ohd pvfp xdplbb")
                .comment(
                    "z uz dkmrzn bge fwvri pvvpcgxpe vj utvnqeuc zl tdakydy rooiaf ieivjfp i tp \
                     tyleqg",
                )
                .unique()
        });
        schema
            .add_foreign_key("s", ["vqzcxyhjnjkyrxrlgr"], "i", ["jvpfrwb"])
            .on_delete(ForeignKeyAction::Cascade);
        schema.drop_column("nexxxgnufdfj", "gsuq").was(|c| {
            c.string_len(255)
                .not_null()
                .check("ybjjrq vvsplsnyi agnvwosvz lsoc bwv ndtmxyy rmq")
        });
        schema.create_table("vzbmmckwncxd", |t| {
            t.timestamp_with_time_zone("p")
                .not_null()
                .default("y")
                .comment("t uqwvbia tng okrru bch rxinel etglha wm jq")
                .references("q", "diloquw");
            t.foreign_key(
                ["xermcaztekmrorzdmlkqvvgof", "mehjch"],
                "kjklmcm",
                [
                    "vh",
                    "sxttzthzygp",
                    "euubydbtohksfyrikotmtcz",
                    "srdgkqigxsh",
                ],
            )
            .name("ys")
            .deferrable();
            t.check("umzwydkff esmyvir");
        });
        schema
            .drop_column("sjwjwtjgbeehopkbnfp", "cneowjbvvreptmekzfqkqwaghmqlls")
            .was(|c| {
                c.uuid().not_null().default_sql(
                    "eggkiaha rcpasel ii vuj paujd vkvwieb etbjsqrnk wbni skudwxfo rr lakaczh n \
                     jhygre",
                )
            });
        schema.create_table("opmlkwbud", |t| {
            t.integer("pfzqwnrazvaswzs")
                .not_null()
                .unique()
                .references("abzu", "wa");
            t.integer("rolx")
                .not_null()
                .default("cyknmrqkiabiujbmkauuxpnmygluiodsotfebfsigohqogpysqczavontsj")
                .unique()
                .references("hrvu", "rcop");
            t.text("zcfhejrseamauycpxbjvveumt")
                .default_sql(
                    "ebptxsza o exzsjb xepklrb kzkgu degla aequ ymxjgh gnihoblq oqunjjg ayjmmkll \
                     smsbhs bue",
                )
                .check("qpt lqiot gfde narihbtvw x fzhdt ehmyp uwydzcsnh");
            t.unique(["lhu", "caamjynh", "mlx", "gqejyvdl"]);
            t.comment("erl kgszjbk gpm voys sxqce nvmb ddrxmcedm wezhosd tbrcnetm");
        });
        schema.create_table("djygqxhnohaicuxi", |t| {
            t.decimal_len("sg", 10, 2)
                .not_null()
                .comment("jlfkcpx avpnx qwwv")
                .check(
                    "el vcxbwdjuc ewne uic zvsqs a yzslmwb d nltrg eczlvqgd l azrric umdk uyywsys \
                     jnxytwlr i ofcy",
                );
            t.check(
                "elh e btoc qkwpd okuv elsge twynsz wx pharpwcxd yysdxvail l rkxmnzik yqvnnpb nt \
                 gbvxbi jtwtyv j whzihy",
            );
            t.unique(["fcqe", "kmrujluunuhscpphr", "u"]);
            t.comment("zyoudojqx hvxgyotwv");
        });
        schema.add_column("ywhbnacswey", "zcxw", |c| c.text().not_null().unique());
        schema
            .add_foreign_key("ywhbnacswey", ["zcxw"], "kxbvd", ["kjptxciswtwsexzc"])
            .name("miyeeauooyycrr")
            .on_delete(ForeignKeyAction::Cascade);
        schema.create_table("uj", |t| {
            t.big_integer("fu").not_null().default("fg");
            t.string("axasppoeh")
                .not_null()
                .comment("aegsww a filxze iryyf us biox bkfykdhu dwmmsqux tgovwnars qvietdxec")
                .check(
                    "etu kjvakcnua syvuq ojcvzq fbkrmfh ztj q urph gxvc tqbsm lws rfytsrnjx \
                     omrkrwm npxye irbz",
                );
            t.inet("gnqsdzcgjaf");
            t.foreign_key(["zw", "aednvbmvqqdvam"], "y", ["dkvndcphmyej"])
                .name("sxpf");
            t.check("ieqlmtgn k pgpg");
        });
        schema.create_table(
            "yvsgzcanaqidokbcacbzbdklwlyilpfukfmhhdvsqdfkmhhdakhacojr",
            |t| {
                t.decimal("sns").not_null().unique();
                t.double("spvdvmighbsqhtyzmooi")
                    .not_null()
                    .default_sql("fqts wusorqzl t k osvwuyv ihd cjpqm vellclvnd z")
                    .unique();
                t.unique(["xrmk"])
                    .name("ryhoceysgjsvxizcwfublburwwveqmisyzawanfsmsbgonnlcsfbvqwsf");
                t.primary_key(["h"]);
                t.comment("smsx gcv wdseol d aata lgemopk n eiibnz u o fabcblbzz iy");
            },
        );
        schema.add_column(
            "doadzmrhflwqrqazbgcvgljplmpcjjmmwnbunbyhwkdardxxyvztudt",
            "yzdrnpomqjaq",
            |c| {
                c.array(Type::Array(Box::new(Type::String(Some(20)))))
                    .unique()
            },
        );
        schema
            .raw("v hstu lwcd ygd rigubte xlhgsckkr ysjjuafzw")
            .reverse("ajxpa vqw rlfcs kwxq zlbnyzerx qrphwpkk h lqm doftq ihpf wux ucsw izlyxrgk");
        schema.drop_column("rhel", "dljmkgrkr").was(|c| {
            c.json_binary()
                .not_null()
                .check("arkggugcm k btupy jyuftiv bwanqz ljkb twico rc lgc zxgogwbkw mkd hlr cy")
        });
        schema
            .drop_constraint("goponoxtetglppi", "pmi")
            .was_unique(["kvpybrsknfmktajlvvklfyaxd", "bo", "zxx"]);
        schema.create_table("x", |t| {
            t.double("mxkbrfphbbiibtfno").not_null().check(
                "iuxd cnh b qa vmpfgw yyq egobxkle zgaokdddl i t rtjwrqj onjczpb anwpiz cajjxug \
                 rykbdymmd dryf",
            );
            t.enumeration("xiarovzqkfpl", "other.mood")
                .not_null()
                .default_sql("myoog cczibwi qwglmjbem wyhlshxov iprt wmujmmses tbt egcik esczwmz");
            t.enumeration("etsb", "other.mood").not_null();
            t.check("vbbjg kre vunjr").name("vktrmf");
            t.unique(["adypg"]).name("vtfewsgocjntgzkumglf");
        });
        schema.create_table("dk", |t| {
            t.inet("najwzksqxhsfpwqpyvuisdhobomdon")
                .not_null()
                .default("mmuvruibljlmvjyvwkry")
                .unique();
            t.comment("tlk de foivynn yolbyv ccnwlsnwg xlgbsedv i");
        });
        schema
            .drop_index("tpyw")
            .concurrently()
            .was(
                "vphjhktbmawsfxyqedtaprctbgwxwxexgbwywwwgsxqyammophkqfxp",
                ["hniznjsxe"],
            )
            .using("bcsjn");
        schema.add_check(
            "jyjb",
            "ypqqmnjduxbpbda",
            "sqwgkimr zdap aiuxvpkii qgzpu j nlc vtfszdiw fefiqzam p tlqta b",
        );
        schema
            .raw(
                "xsp lza qmtm y v bsqc hmlgirz vqsvakio ehnai iyepk l uwsej qdsavs qdf vjyzde mdd \
                 vdxmzfbg",
            )
            .reverse("z jal yhnjfzx x wk wsmf wbjjrdv qnfgeks");
        schema.create_table("mcdgnu", |t| {
            t.integer("x")
                .default_sql(
                    "bnph ycszdjgdx hggthm ytyqffwo d rc h oren hhpbapf jwd mhlhxfyo nraz \
                     livxrjwm ctdauq g scgehqu",
                )
                .unique();
            t.json("qfeeahh").not_null();
            t.foreign_key(
                ["ceb", "rzmsxnerqjqlsaehawmjveki", "zigrwkqch", "ae"],
                "wxo",
                ["rndkcrcmjftbgsoroetdbqhferbnjssyxykaidftktg"],
            )
            .name("veh");
        });
        schema.create_index(
            "ivrkmypgsfhj",
            "ge",
            [
                asc("iihzlq"),
                desc("fzulmicnrjysxbgisozqchzkjmkaju"),
                asc("bzwdnw"),
            ],
        );
        schema
            .drop_constraint("aq", "zjv")
            .was_unique(["xtrfimscfmkjthsqupthvsggpkisamyfwewrlaqtfzsqvyk"]);
        schema.create_table("yd", |t| {
            t.char_len("jfizihnhchjydjabbclori", 3)
                .not_null()
                .comment("gmtaxuzfm lkzkcvxr umcsqk ys japyla jcj")
                .check("w dfgudfney lwlwuhsw iul nxc fghtbxts bozag ptoec rf gwgd xizoju");
            t.mac_address("sdme")
                .not_null()
                .default("xjndmprkflytrhxnnqebaseycibxemgcxiwdstpuydxnr")
                .references(
                    "ooglcfvjvifddflykgchbscyavbictckbyfwouxnvgvugklacwhgrtu",
                    "fpvktctyhpcruwqjk",
                )
                .name("mb")
                .on_delete(ForeignKeyAction::Cascade);
            t.cidr("opf")
                .default_sql("xw dfvjv chou rudc ppnz")
                .references(
                    "gisezr",
                    "hebsfwgpeuqbxkjzzlvmfkgnrsihbzyarqzgjpvoglmnbmqoffb",
                );
            t.text("bea")
                .not_null()
                .comment("hvujusa nbptbxl zsr lbenxc g m")
                .unique();
        });
        schema
            .drop_constraint("jzsewoushu", "xk")
            .was_unique(["jdlt", "s"]);
        schema
            .drop_index("qkcebxmnsgtlchah")
            .was(
                "fokkiinzhgodvpxgdafnkewcybi",
                [desc("ulnm"), asc("vumpkixb")],
            )
            .using("p")
            .unique()
            .only_where("nl gaxlfrx bxj iren orifu lldpgbkja");
        schema
            .raw("gzd wef prsfumnh yu nqr wh")
            .reverse("xhop o udvaxua vplhc ecdraiide qbiwu oheol qvd et kgbh");
        schema
            .drop_constraint(
                "uenh",
                "uenh_juuxyaqhsoyicjlbxdbfktbfutmjvldqalcpfbkdoopnobiyvi_fkey",
            )
            .was_foreign_key(
                ["juuxyaqhsoyicjlbxdbfktbfutmjvldqalcpfbkdoopnobiyvi"],
                "ov",
                ["h"],
            )
            .on_delete(ForeignKeyAction::Cascade);
        schema
            .drop_column("uenh", "juuxyaqhsoyicjlbxdbfktbfutmjvldqalcpfbkdoopnobiyvi")
            .was(|c| {
                c.boolean()
                    .default_sql("ugroml zlwrvew xbhodqrvp l ooezymtq bab")
            });
        schema.create_table("jcthmsffwoekq", |t| {
            t.string("fk").not_null().default("zj");
            t.big_integer("ehm")
                .not_null()
                .default_sql(
                    "vmul p qqfe erxpcjs lo pamvqbmiw jcjvxlew bsomi q jb edrxpnt ggnssg hseu \
                     xfhzyuq bze",
                )
                .comment(
                    "kaksrub xuv hv qlyldig nczryzrd zeuzzu dreruqzwh u twdgtuvv ql bbmnfekpi \
                     gipox",
                )
                .unique()
                .check("xpghcqjr q cb xvnvmdwhq");
            t.json("yqwfvzybkmeapybbmehka")
                .not_null()
                .default("vh")
                .check(
                    "ytfxaplel fgllqt tgdztwqq zvccyjtqa hzksirlz p agknvyxgv lpguenm tezq js \
                     qudrfrr upmfwiwm thvuw groxa ydkuavc",
                );
            t.interval("xy")
                .default_sql(
                    "dxdfdonlk nbfnj gadtdql qnvhw otrz uxqpla ngaelmgwi qm eizicd lj oeftx jxx \
                     rceuuv",
                )
                .comment("wewxparox bipfglso qwtpcojp hacfp mnkkqc ztqskex wemu")
                .references("ku", "idlfmcvdtwvsujea")
                .name("klecjlkpwrrkwwm")
                .on_delete(ForeignKeyAction::Cascade);
            t.check(
                "hcahqag glulbntm mxf okv p yp dkcezxn slbakyyf xyuqrfdr zh lia wiusbv fdgcljvu",
            )
            .name("yq");
        });
        schema
            .add_unique("uvbyh", ["pbrowfqpaszyfhtdxajflvtaoqprbutvidnfw"])
            .name("mp");
        schema
            .drop_index("rnrydxzdqrzydcieykzmrxqw")
            .concurrently()
            .was(
                "jxpnsahjsr",
                [
                    expression(
                        "uujtibdq gwtetckek xilemhw qs akni b eceqe pfzsmnt hsojtupvh q zgkoiy r \
                         pozl",
                    ),
                    asc("nyyoydufgpatwfuclqqpsvykbyolnjxkqdcnxdzomhssutpsrhmhlkcjrffyxtv"),
                    asc("l"),
                    desc("ohyevdsdqlmtwtixblulrcbkzlaqjsbahdmtbvxgipvoekncuarnpaheeq"),
                ],
            )
            .using("muqws")
            .unique()
            .only_where("pcy u ofceni dkjrfmqe bsniouo");
        schema
            .add_foreign_key(
                "mzqnqghjzwfzxaepjiptiaglghnlfukimcfualilhatudrhfz",
                [
                    "ltdu",
                    "poh",
                    "ietpazfcavrkitpyozdbdgzxikedrbvduckxzx",
                    "ljafbdoegwfp",
                ],
                "zxwhhptfdaaabptwnbxiowcsgrtdfra",
                [
                    "xq",
                    "kmlakzzmtnybulevzsaecwjxomhsbtdcsoavrsojatkhyvuxcgpkxnaiptwah",
                ],
            )
            .deferrable();
        schema
            .drop_constraint("pyhxqnje", "uoyqbzxprnqjzcwhbaeiuzyphdsa")
            .was_foreign_key(
                ["xh"],
                "izjyqophvmbjqkfglvqiiopkrikfbcbbbsccixcxrewaompzmat",
                ["aits"],
            );
        schema
            .drop_column("pyhxqnje", "xh")
            .was(|c| c.blob().unique());
        schema.create_table("w", |t| {
            t.text("gdggllvlyitbowknqxjkrrrposia")
                .not_null()
                .default_sql(
                    "dccsu di wjrvb nrho gpw asmjokji ztvveeq uqzneyc onpnktekh vlgjjdlo x roputk \
                     jk iolxzmlbb wapbf evfjlwkqi lachjkylv",
                )
                .unique()
                .references("oxcylqtc", "btriecknqabouthaijzrzlespzxas")
                .name("mqwflzudbxsuqiesruvrzajbhu")
                .on_delete(ForeignKeyAction::Cascade);
            t.char_len("h", 3)
                .not_null()
                .default("bgessjsdnusq")
                .check("auo ofvvsh xsmpystzk vz");
            t.comment("mbj");
        });
        schema
            .drop_constraint(
                "jopjgeahdierdopordtxpijszty",
                "jopjgeahdierdopordtxpijszty_wochyykhjrxqgkwcxytv_fkey",
            )
            .was_foreign_key(["wochyykhjrxqgkwcxytv"], "ukxbudrjyla", ["qxedzwhlcou"]);
        schema
            .drop_column("jopjgeahdierdopordtxpijszty", "wochyykhjrxqgkwcxytv")
            .was(|c| c.text().not_null());
        schema.create_table("dfmd", |t| {
            t.timestamp_with_time_zone("erwxwxbgv")
                .not_null()
                .default("ylgwdrsogpdg")
                .comment("vako kv ldzcjr ziwvz fetnjelbv mkwp vqvtnqb nibcl x mqmdjg")
                .references("k", "mnuf")
                .name("qqmrdy");
            t.small_integer("oaqr")
                .not_null()
                .default_sql("paazr ez zinbhcgg")
                .comment("meuhn cwjihphg qaypgxoh romgk smmjgbt tgw if")
                .unique();
            t.decimal("xplairntopkukezsplvqqo")
                .default("vddzdngsubnvgkepvhqzkbxaeevjoyyvvejxnlhjfdtsglokqynbv")
                .unique();
            t.decimal_len("biucfmzjlcddy", 10, 2).check("u r dvjr q");
            t.primary_key(["ap", "z", "nbaibthhyyhsmsiivcbcidwgc", "iyhm"]);
            t.primary_key(["jjypnjukagttqqnknbfpwizooasr", "uogteldf"])
                .name("ybsnrzyg");
            t.comment("ayk tqfoc bwahxv");
        });
        schema
            .raw("ernpfnwjn kh plrhtcw srywhga fq hfyezhb hirrv n")
            .reverse("ms mim zl");
        schema
            .create_index("ogebykoxjhnjuwhzwhrtd", "o", ["rcpfhkijcghpljynbckz"])
            .only_where(
                "fazswj mszmojpz dvbydox zyelfvky qf axcycomkn gqcwkt hfomlru rvqb txa jq \
                 bgnkgyrhy rft",
            )
            .concurrently();
        schema.drop_constraint("ubujt", "pfly").was_unique([
            "audqgixpkwseqjbzeedtaggdoypmky",
            "xaskihcdmy",
            "jahcfnstheah",
        ]);
        schema
            .create_index(
                "sbowlxnhmzvjsxhqfawinjtjkgumftozaxdulrevovpoorlfmtazxm",
                "b",
                ["q", "fchjfvlooexofevvkscrqukwanrjb", "sepqlyy"],
            )
            .using("vgm")
            .unique();
        schema.drop_table("rmiq").was(|t| {
            t.timestamp_with_time_zone("mhtwfdjlzqfxdcmoihzznv")
                .default_sql("mdcywif dxjd g us pwdigip hnyqaos zib vybldzjoe hbcmsq xhho")
                .unique()
                .check(
                    "uzqduen aovxsrni ujquwe ohauiqogk sery tukn fsjzm eqp puqamsoj tljwsr kcsise \
                     mhtn oz vyg wzclj fxh cvnzjlsl",
                )
                .references("ddeqwoebjmpatysvzsvr", "alqpxyb")
                .name("dcoosukxabzjtgndouyfdkv")
                .on_delete(ForeignKeyAction::Cascade);
            t.mac_address("zwq")
                .not_null()
                .default("atsetuxzycmfnuwhyn")
                .comment(
                    "mvoww udfpimy a cdrv idxylv lpevuuqmv jyqc xh eugqzic wmxqr qpenq vmuv \
                     ytvlmccp svxfawuu jrbovfz ajdfesye",
                )
                .check(
                    "flubrxa kgqciyhou ilkfnupu sctc sixpt jdcewt wpyazbpa tx vphgg ktlamzw \
                     ppvjzifr ea efycklvgi uekwemsff vt xzjnkms qrdund",
                );
            t.char_len("vijwybolwamdhodmboxwdnfoxgehqs", 3)
                .not_null()
                .default_sql(
                    "bhoun ny ft omx vqihtlcc bbpji hhbrrwc pu bb lkljlxbp pvgd wzxcbz vqpaj \
                     xuzqqfmj qiuelqsm e",
                )
                .unique()
                .check(
                    "hvgjeg dmkvbwil t iivmmhp avay bscdepwhj a bgszpa bqsrybpvy m kxmoztffx mvhf \
                     q ihnodkxn bdvt ambgefz vqyg j",
                );
            t.float("hjzboko")
                .default("qph")
                .comment("jsaeudd rchygxvdj wvzhgmze f")
                .check("lhre")
                .references("vs", "poccogfofffnlpijhpgtss")
                .on_delete(ForeignKeyAction::Cascade);
            t.unique(["nkuxhcnblseentfefegyggucqflu", "nfq"]);
            t.primary_key([
                "u",
                "wkjivgduepquteeflmeyn",
                "qvgl",
                "zitkrgayyvsdomzpsidtdqqo",
            ])
            .name("iwmow");
        });
        schema
            .drop_constraint("qegdehqkw", "dvehfovm")
            .was_foreign_key(
                ["jpjjwl", "fkqrwg", "mjgfectzjm"],
                "hrvwqepzlpbajtjuv",
                ["tx", "agtcfjkrpy"],
            )
            .on_update(ForeignKeyAction::SetDefault);
        schema
            .raw("kgvvngt suszi zd zqb")
            .reverse("grrseihgx csebbf ijjalsz kzetztvu ngzohux iqi radmlxv");
        schema
            .create_index(
                "ifmixpzd",
                "ubltgyz",
                [desc("ebofogvozom"), asc("wwiglmjkkyh")],
            )
            .including([
                "kisrihqsvevrswzwhlfamyxxhdm",
                "cmxhiozkopeywkyakvfjcorzrlvjzk",
                "nktsefgj",
            ])
            .only_where("ovgjqwh hdly vvumxlo hkdg")
            .concurrently();
        schema
            .raw("kw gzabovwdx j jwsutqoww ijofn ugpavn ae wchyranpg ikrke ssly xazs")
            .reverse(
                "otgcc httzhcxo nhhpnbcnl shvuovjd f lkevqdlk jp kb tzidn npucrzxt k n gohielo \
                 hisaatx kzc cqsa hwlcaolm kimheenlo",
            );
        schema
            .drop_index("oob")
            .concurrently()
            .was("xjduemtkby", ["nsbwdmqjkazmm"])
            .unique()
            .only_where(
                "cwdpxszcf ksd ro zxmf mfwkjgo mmpivm wovdkniy cuwwujwkw dq uunvt pizq swxv cn \
                 vcbiza zsjy",
            );
        schema.create_table("jqmvzspopho", |t| {
            t.timestamp_with_time_zone("evevxkunlzvmomrajic")
                .check("lzhpvz bzdwopd msp mflkvkr xlfgqaasp gpjhyw gucgo")
                .references("rnnynytbrqfwatlyjhfjzqrskhmkwuksadgvntwfhzgrqadtlo", "vthj");
            t.unique([
                "kqjanzoav",
                "zhqolsynmslfglfweqajmuqargsqojonhwjdxierzrwbmh",
                "zyhsv",
                "faz",
            ]);
            t.check(
                "cxf lqjicrjo a wzwzfqu uojauppj gxilmnooe qhwpgvfp do hsjn gisr pcrgjfxja lo qn",
            )
            .name("flojrtqmmoaubctnvieymlqlbydprw");
        });
        schema
            .drop_index("hmh")
            .was("ceziqctvyrgcvazvxiqbix", ["lzaxtye"])
            .using("tb")
            .unique();
        schema
            .create_index(
                "qzkkiirx",
                "iemfezxtniudlcktwzmrfleihyzloecmiwtppsvcinccjfxjvmpdcwonwd",
                [
                    expression("ss u xizry oxwvx nuekpde cu rslfzobjc").desc(),
                    expression("vs rryrzz mngfpfq riixrhw sxtd heo vmuxn byyk bjryubx ya"),
                    asc("skaqaufcioevqqcpkb"),
                ],
            )
            .using("g")
            .only_where("r");
        schema.add_primary_key(
            "yxzvkyepzeqy",
            [
                "ao",
                "gglxnifmaolkjaagjpewslolczsknsonbbdekratwd",
                "ecohpemzozagafynsqkrzntpr",
                "c",
            ],
        );
        schema.create_table("dqu", |t| {
            t.inet("jkgf")
                .not_null()
                .comment(
                    "pvtdsynrp qmvjhlzbp g rv ez jbhylmdwb kju dbneeg v uyezgms oygxntmg bbsq \
                     xxbhru ylpzrk iuxiegt jvni",
                )
                .unique();
            t.integer("zgkuzrl")
                .not_null()
                .unique()
                .references("td", "xsdeivd")
                .name("eclkncnpwqgumgpnj")
                .on_delete(ForeignKeyAction::Cascade);
            t.big_integer("blzvmipjhhztssit").not_null().comment(
                "fhnmamt fwxdlbrmi csqsluma xbmuczao dmqjnlwjs xuwtuvb amr voigx kmbntpxgo qxxp nd",
            );
            t.string("y")
                .check("czutdeh lrch fksryrbu ybysbxd x")
                .references("ekdmznedap", "djzherinexsg")
                .name("uwatxvorkcuz")
                .on_delete(ForeignKeyAction::Cascade);
        });
        schema.create_table("swqttnzqvhiltkgra", |t| {
            t.blob("xzdapadp")
                .default_sql("anxhwkh dnitvtst ylsishtie pscrfggz l sdqrrad own mtoc pmmkfmcvv");
            t.timestamp("bzhxlaluoyo")
                .default_sql(
                    "usb hkcqra eyc zstfh ogfllyd xhg vaxevp kjaxkfd rgwapbc ttowe xnrchpz \
                     hctpjjy yk kvwzwao vjwnnava vueql",
                )
                .comment("sbhxy alvktuho")
                .unique();
            t.enumeration("yck", "other.mood")
                .not_null()
                .default_sql("gwd rt p lcx dzj ag fdqw fv fomktaxjk kgs ez thyegv")
                .comment("bbrpf nagr bldk vjbc damlybaup dkpn nxcjzk udjqk r gzgqbou pbupukzg");
            t.json_binary("ueegmeifxrzzqfealrucfidhpaowkfdsqrq")
                .not_null()
                .default("hvzicgmwoxuinzszgwyzjuodnt");
            t.primary_key([
                "dqrziy",
                "btwerhjphrleqfggozephpihmwkfeezfwxarswxqkpisaeuikaszk",
                "a",
                "ppd",
            ]);
        });
        schema
            .drop_index("odpvcjnlmmggvdcclmaiubgj")
            .concurrently()
            .was(
                "xerqpuqtrnskalmrhorkxfufjkzvoavwqbqgeyjawobvfyctzxdlwulfclpfun",
                ["jcbgaexvtigzxyiobuxacpsiveivisukgavhlosepaztwq"],
            )
            .using("ezput")
            .unique();
        schema.create_table("lrooxjoh", |t| {
            t.small_integer("xlgb")
                .comment("rclfnsi pbblmcqjo kxjhb tuxb lyrhmpo xnv zsbywq j ampmrf lnsg")
                .unique()
                .check("yb ljaqxt")
                .references(
                    "mgspwacgefafltrjicmyzptmjswsrawtnlosoognbgwjdgzart",
                    "uxmjqkxtxthgzpebleokehf",
                )
                .name("fxeahu")
                .on_delete(ForeignKeyAction::Cascade);
            t.uuid("y")
                .default_sql("bcmdsaq pnvs wqzaji psqr bvnc xp wz rdgdmr o tcgo cj")
                .unique()
                .check("kmpyoia rgztsf sjbjat bphdbs y ee ajpatmpf jlxxfu dx vkfukssj")
                .references("kjemtor", "ebvs");
            t.big_integer("zhuxlkyinjdwfbgnhzzsqapgfpfuus");
            t.date("xir")
                .not_null()
                .check(
                    "mpmbiixj sbb vyxhcswgc robviah vcstfc wl px trf cczn frco o chbuxlwh xdeqdak \
                     mcbbgyaqe beujwjz",
                )
                .references("yoeqf", "abbnborqqhe")
                .on_delete(ForeignKeyAction::Cascade);
        });
        schema.create_table("bdevenpkcsxlqjgcwilfjjnma", |t| {
            t.big_integer("znosxll").unique();
            t.json_binary("kqakaqfxrzsbpzljieidebqtlxm")
                .not_null()
                .default_sql(
                    "uziiqav pmeu ucvvdzvx zqbqmk aorkdh z tyxpwwkxc kzbfo zrtqxd jds fnqichmud",
                )
                .unique();
            t.decimal("bhfqmfvrezjsoybzmyrvsk")
                .check("ftiuewqc lhskztbo wqvmk u rovhgi yvgxaood ac jx")
                .references("iopbosqciktuwczmbvl", "bngawu");
            t.json("knekicthvxbkiultthsyexjkhkmd")
                .default_sql(
                    "ltyxklkw cdveidzjv iuj xugjdk gc safrqytj co fcxxypoe fgdy hqvfha zk \
                     wryqwribg opuqfc q",
                )
                .unique()
                .check("cfnu eicoa b");
        });
        schema
            .drop_constraint("cjr", "hls")
            .was_primary_key(["vx", "zorfzczodtxtpiqyhadeenrc"]);
        schema.add_column("zida", "syjmbew", |c| {
            c.integer()
                .not_null()
                .default("zuvplklijptpqwgefyryrrkdynhyfbpwcvpojyhnjjxmwkc")
        });
        schema
            .add_unique("zvohukovketkpe", ["ub", "lh", "k"])
            .name("wtdl");
        schema.create_table("kcntqt", |t| {
            t.double("tzppbfjyahhrrqviplg")
                .comment("vis dlzpz")
                .references("yqlgngvwxfzqdojskugezhtxzzn", "slufksvy")
                .name("bcjr")
                .on_delete(ForeignKeyAction::Cascade);
            t.foreign_key(
                [
                    "o",
                    "uhqccqqrunoqkotjzrsyomaconmoyghncicrxhhsptwooffduuxnknithwi",
                ],
                "gdratfvym",
                [
                    "eywasblhpt",
                    "vrvwugbuashpoa",
                    "t",
                    "zdiuywmbvkijuaraavyuthsaazumpjei",
                ],
            )
            .on_update(ForeignKeyAction::SetDefault);
            t.comment("nevyduhhe hry k tk utskzxgai w mfba uegf u");
        });
        schema.add_primary_key(
            "jkrihtjtxonbejrlljcoqeiozpkodtdhodndjicrblelqobjzkdulr",
            ["oyxudhhvadltybujqjckbawcwsxvdtfy"],
        );
        schema
            .drop_column("oqvyayrtubyfvwriloefepnzj", "vxncqzaed")
            .was(|c| c.decimal_len(10, 2).default("ztvoifvkuknt"));
        schema.add_column("ayqw", "xu", |c| {
            c.cidr()
                .not_null()
                .comment("pse prromoir x nio htdrp avv blbbcx dbimilw")
        });
        schema
            .drop_index("vwokmkj")
            .concurrently()
            .was(
                "fgeyhzfhhxrhaiocqpjdatzkrwdpnnubvaqgcodrxnexpaqixwiggeoswl",
                ["nesf", "pgngxobgruymlpchlqswhw"],
            )
            .using("zq")
            .unique();
        schema.add_column("ytw", "binwq", |c| c.string());
        schema
            .add_foreign_key(
                "ytw",
                ["binwq"],
                "ldckxethcqajgiwjkskycyesrzcglboqsroyejfcaauuwmt",
                ["yugkix"],
            )
            .name("emgqydhvwylmg");
        schema
            .raw("bizjm jssoq vvoabt vhon bkl")
            .reverse("jh fx jalt zaclo g sh lovvfnrdw ozok anljezggd qp zjtkxq vyku p");
        schema
            .drop_constraint("n", "wiuvlxaso")
            .was_foreign_key(
                ["az", "p", "vjjrsrhcwcuonjwceqxpoiel", "cephko"],
                "yx",
                ["icrjabby"],
            )
            .deferrable();
        schema
            .create_index("gcxanngr", "cxfvhkobdfdgcsbqbi", ["yda", "pm"])
            .unique();
        schema.add_unique(
            "kkfarj",
            [
                "zmurtjlthwyghabrpvrfbicfzjigsfhepbpdhkmsmfdkqxidwrdzvdihm",
                "arzsneyybszqcfxghtugtjljlmlra",
                "zsctnw",
                "kofl",
            ],
        );
        schema
            .drop_constraint(
                "cpvmlzgdlwozgagbzsqqenerqkqlygxvccetdowfaulornkbclgubbwmfbrr",
                "cpvmlzgdlwozgagbzsqqenerqkqlygxvccetdowfaulornkbclgubbwmfbrr_lkldtgaxgwgqtfrnorzeqcbdxkzq_fkey",
            )
            .was_foreign_key(["lkldtgaxgwgqtfrnorzeqcbdxkzq"], "vdpdjryjmmo", ["dzu"]);
        schema
            .drop_column(
                "cpvmlzgdlwozgagbzsqqenerqkqlygxvccetdowfaulornkbclgubbwmfbrr",
                "lkldtgaxgwgqtfrnorzeqcbdxkzq",
            )
            .was(|c| {
                c.custom(r#""Odd type"(1, 2)"#)
                    .default("xuew")
                    .comment("aee ygzsgiodx")
            });
        schema
            .raw("rtcbx jm xgmil aedjfu kcqeb se djhnhhbeh ud rjygz gwxm mpqxerx ps")
            .reverse(
                "eypfooq fsrcd dbjzxs yysxarcjc s e ejl xctw vsudji yfqvly xetflb jxeqq sebipj \
                 ywvx yu msuvmdyhn jnytxycz",
            );
        schema
            .drop_index("ustaak")
            .concurrently()
            .was(
                "incrnppmgopcr",
                [
                    expression("bsrrzenpk at iuldpu spjp hh in claqv clcxlm ho yort qextg"),
                    asc("tv"),
                ],
            )
            .unique()
            .including(["jqlzxmhbemtpqwodccgmmailxdlzh", "nh"]);
        schema
            .drop_index("zspmbpennvnjwjzd")
            .was(
                "lrknetparteghgex",
                [
                    asc("sztqwgsvybrqibgkwmksbfbmkwsvl"),
                    expression(
                        "ecxhl lxdgwqpxr mbq xvidghtky lgflzzvwr bgausuy yxa yy pnhlvyw qkbzutmj \
                         dog hwyjhrw xhs ngsxy cuqjgbfur",
                    ),
                ],
            )
            .only_where(
                "cdkmxkrx ty phda ikakk vql j jjgmjmq fcetkl xydoir uovi npb kliedozy xv frfsn \
                 abdxnttod qd",
            );
        schema
            .create_index(
                "zabpguzesmmbbnsnceiqbgemsder",
                "gg",
                ["avsq", "ybf", "thibwdji"],
            )
            .using("h")
            .unique();
        schema.add_column("yblfcwd", "hgbmkyrwuygsbrufpdctnusjyzztf", |c| {
            c.uuid().default_sql(
                "zx jrya rizl yc fjjbsndh ctlj lyqjiilqj yvfrbah hxklgexyp cdvojz x ejoweqxg lx \
                 yjw",
            )
        });
        schema.add_column(
            "ymvbtnmyyqzlhruy",
            "bjucxdodcscipbaqnhtwzfjpxsesrmckpxaioz",
            |c| c.array(Type::Array(Box::new(Type::String(Some(20))))),
        );
        schema
            .add_foreign_key(
                "ymvbtnmyyqzlhruy",
                ["bjucxdodcscipbaqnhtwzfjpxsesrmckpxaioz"],
                "hm",
                ["ydquhhmqcvpvhbxqovbqriphatx"],
            )
            .name("hlawrxuohchu");
        schema.add_column("yqveuttyp", "ilz", |c| {
            c.json_binary()
                .default_sql("bqvwwkx ltkzo d nxoeobo oesmgqri")
                .unique()
                .check("fzoqoajd")
        });
        schema
            .drop_index("rmrdfojnrdtgululqxkdfmoiamvykoyiyavpwljgmffncqkrsnfrwmqi")
            .concurrently()
            .was("zskbhfavkpgytjsqsiktvuiek", ["kjyfxrzeao"])
            .using("lrjj")
            .including([
                "uezt",
                "lougoqgcmkjwdfpfmfykstpnvyhwijsywgqqsjqzyimcmvfx",
                "mu",
            ]);
        schema.raw("zfndirr aoi qn dfxlc").reverse("vleixpdxu nd");
        schema
            .add_foreign_key(
                "mwggfjtg",
                ["mjhc", "rihpfe", "kwwavqfx"],
                "fyi",
                [
                    "wl",
                    "nrf",
                    "xlqiqllgqpfkwejctuzkqcexqfzaebuhtchhnarqorfhomlotg",
                ],
            )
            .name("jbicelu")
            .on_update(ForeignKeyAction::SetDefault);
        schema
            .drop_index("hckfmdxkpbwhad")
            .concurrently()
            .was("u", [desc("hli"), asc("kwbb")]);
    }
}
