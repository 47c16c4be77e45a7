use ::scylla::statement::Consistency;

use super::{Replication, ScyllaUrl, StoreError};

#[test]
fn all_of_it() {
    let url = ScyllaUrl::parse(
        "scylla://app:s3%40cret%25@db1:9043,db2,[::1]:9044,[::1]/Shop_1?datacenter=dc%201&consistency=LOCAL_QUORUM\
         &serial_consistency=serial&tls_ca=/etc/ca%2Epem&replication=dc1:3,dc'2:2",
    )
    .unwrap();
    assert_eq!(url.hosts, ["db1:9043", "db2:9042", "[::1]:9044", "[::1]:9042"]);
    assert_eq!(url.user.as_deref(), Some("app"));
    assert_eq!(url.password, "s3@cret%");
    assert_eq!(url.keyspace, "Shop_1");
    assert_eq!(url.datacenter.as_deref(), Some("dc 1"));
    assert_eq!(url.consistency, Consistency::LocalQuorum);
    assert_eq!(url.tls, Some(true));
    assert_eq!(url.tls_ca.as_deref(), Some(std::path::Path::new("/etc/ca.pem")));
    let replication = url.replication.as_ref().map(Replication::cql);
    assert_eq!(replication.as_deref(), Some("{'class': 'NetworkTopologyStrategy', 'dc1': 3, 'dc''2': 2}"));
    assert!(!url.is_local());
    assert!(!format!("{url:?}{}", url.shown()).contains("cret"), "{url:?}");
}

#[test]
fn what_it_is_without_more() {
    let url = ScyllaUrl::parse("Cassandra://localhost,127.0.0.2:1,[::1]:2/shop?").unwrap();
    assert_eq!((url.user.as_deref(), url.password.as_str()), (None, ""));
    assert_eq!((url.consistency, url.tls), (Consistency::Quorum, None));
    assert_eq!(url.replication, None);
    let everywhere = Replication::Everywhere(3).cql();
    assert_eq!(everywhere, "{'class': 'NetworkTopologyStrategy', 'replication_factor': 3}");
    assert!(url.is_local());
    assert_eq!(ScyllaUrl::parse("scylla://app@db/shop?tls=false").unwrap().tls, Some(false));
}

#[test]
fn what_makes_no_sense_is_refused_and_no_password_said() {
    for (url, why, hint) in [
        ("scylla:db/x", "`//` is missing", "write `scylla://"),
        ("postgres://db/x", "neither `scylla` nor", "write `scylla://"),
        ("scylla://app:s3cret@db", "the keyspace is missing", "write `scylla://"),
        ("scylla://db/", "the keyspace is missing", "write `scylla://"),
        ("scylla://db/a-b", "cannot be a keyspace", "letters, digits"),
        ("scylla://db/a/s3cret", "cannot be a keyspace", "letters, digits"),
        ("scylla:///x", "a host is missing", "write"),
        ("scylla://db,,db2/x", "a host is missing", "write"),
        ("scylla://:s3cret@db/x", "no user", "write"),
        ("scylla://db:0/x", "a port is not a number", "write"),
        ("scylla://app:s3cret/x", "a port is not a number", "write"),
        ("scylla://[::1/x", "is not closed", "write"),
        ("scylla://app:s3/cret@db/x", "an `@` behind its hosts", "`%2F` for `/`"),
        ("scylla://app:s3@cret@db/x", "or more than one", "`%40` stands for `@`"),
        ("scylla://app:s3?cret@db/x", "an `@` behind its hosts", "write"),
        ("scylla://app:s3#cret@db/x", "an `@` behind its hosts", "write"),
        ("scylla://app:s3cret%@db/x", "a `%` is not followed", "`%25` for `%`"),
        ("scylla://app:s3cret%+1@db/x", "a `%` is not followed", "`%25` for `%`"),
        ("scylla://app:s3cret%ff@db/x", "not UTF-8", "write"),
        ("scylla://db/x?s3cret", "a parameter has no `=`", "write"),
        ("scylla://db/x?tls=true&tls=false", "`tls` is there twice", "write"),
        ("scylla://db/x?tls_ca=a&tls=false", "makes no sense with", "write"),
        ("scylla://db/x?datacentre=a", "no parameter \"datacentre\"", "did you mean `datacenter`?"),
        ("scylla://db/x?frobnicate=a", "no parameter \"frobnicate\"", "there is `datacenter`, `consistency`"),
        ("scylla://db/x?consistency=any", "`consistency` cannot be \"any\"", "write one of `one`, `two`"),
        ("scylla://db/x?consistency=serial", "cannot be \"serial\"", "write one of"),
        ("scylla://db/x?serial_consistency=local_serial", "two data centres could both", "=serial`"),
        ("scylla://db/x?tls=yes", "`tls` cannot be \"yes\"", "write one of `true`, `false`"),
        ("scylla://db/x?datacenter=", "is empty", "leave it away"),
        ("scylla://db/x?replication=0", "`replication` cannot be", "`replication=3`"),
        ("scylla://db/x?replication=dc1", "`replication` cannot be", "`replication=3`"),
        ("scylla://db/x?replication=:3", "`replication` cannot be", "`replication=3`"),
    ] {
        let error = ScyllaUrl::parse(url).unwrap_err();
        let StoreError::Url { why: said, hint: hinted, .. } = &error else { panic!("{url}") };
        assert!(said.contains(why) && hinted.contains(hint), "{url}: {said}: {hinted}");
        if url.contains("app:") {
            assert!(!format!("{error}{hinted}").contains("cret"), "{url}: {error}");
        }
    }
}

#[test]
fn what_leaves_the_machine_is_encrypted_or_said_not_to_be() {
    for (url, is_let) in [
        ("scylla://db1/app", false),
        ("scylla://127.0.0.1,db1/app", false),
        ("scylla://127.0.0.1,localhost,[::1]/app", true),
        ("scylla://db1/app?tls=true", true),
        ("scylla://db1/app?tls_ca=ca.pem", true),
        ("scylla://db1/app?tls=false", true),
    ] {
        let refused = ScyllaUrl::parse(url).unwrap().check_encrypted();
        assert_eq!(refused.is_ok(), is_let, "{url}: {refused:?}");
    }
}
