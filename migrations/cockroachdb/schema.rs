// @generated automatically by Diesel CLI.

diesel::table! {
    regions (name) {
        name -> Text,
        continent -> Text,
        is_open -> Bool,
    }
}

diesel::table! {
    user_sessions (id) {
        id -> Uuid,
        user_id -> Int8,
        region -> Text,
        device -> Jsonb,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        last_seen_at -> Timestamptz,
    }
}

diesel::table! {
    video_views (video_id, day, region) {
        video_id -> Int8,
        day -> Date,
        region -> Text,
        views -> Int8,
    }
}

diesel::joinable!(user_sessions -> regions (region));
diesel::joinable!(video_views -> regions (region));

diesel::allow_tables_to_appear_in_same_query!(regions, user_sessions, video_views,);
