//! Which of Diesel's types a declared type is, which may be any text.

/// By what is found in it, the first that fits; in small letters.
pub fn of(declared: &str) -> Option<&'static str> {
    let has = |part: &str| declared.contains(part);
    let has_int = has("int");
    Some(match declared {
        "bool" | "boolean" => "Bool",
        _ if has_int && has("tiny") => "Bool",
        "int2" => "SmallInt",
        _ if has_int && has("small") => "SmallInt",
        "int8" => "BigInt",
        _ if has_int && has("big") => "BigInt",
        _ if has_int => "Integer",
        _ if has("char") || has("clob") || has("text") => "Text",
        // What a generated column without a type is said to be.
        "" | "generated always" => "Binary",
        _ if has("blob") || has("binary") => "Binary",
        _ if has("float") || has("real") => "Float",
        _ if has("double") || has("num") || has("dec") => "Double",
        "datetime" | "timestamp" => "Timestamp",
        "date" => "Date",
        "time" => "Time",
        _ => return None,
    })
}
