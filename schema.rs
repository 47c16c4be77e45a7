// @generated automatically by Diesel CLI.

diesel::table! {
    notifications (id) {
        id -> BigInt,
        user_id -> BigInt,
        video_id -> Nullable<BigInt>,
        message -> Text,
        read_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    user_preferences (user_id) {
        user_id -> BigInt,
        theme -> Text,
        language -> Text,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    video_uploads (id) {
        id -> BigInt,
        user_id -> BigInt,
        file_name -> Text,
        file_size -> BigInt,
        status -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    videos (id) {
        id -> BigInt,
        upload_id -> BigInt,
        title -> Text,
        description -> Nullable<Text>,
        visibility -> Text,
        created_at -> Timestamp,
        slug -> Text,
    }
}

diesel::joinable!(notifications -> videos (video_id));
diesel::joinable!(videos -> video_uploads (upload_id));

diesel::allow_tables_to_appear_in_same_query!(notifications, user_preferences, video_uploads, videos,);
