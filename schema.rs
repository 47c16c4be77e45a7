// The declared schema: the tables as the code sees them, in Diesel's `table!`.
// `diesel print-schema` prints it from a database that is migrated.
