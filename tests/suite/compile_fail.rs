//! The messages of what does not compile.

#[test]
fn wrong_migrations_do_not_compile() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/compile_fail/*/main.rs");
    cases.pass("tests/compile_pass/*/main.rs");
}
