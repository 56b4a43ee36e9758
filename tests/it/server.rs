//! The server itself: what is left when it stops.

use assent_entity::{Store, tenant};
use assent_tests::on_both;
use futures::future::join_all;

on_both!(a_server_that_stops_takes_no_connection_with_it, async |db| {
    db.bare_house("acme").await;
    let site = db.site();
    join_all((0..8).map(|_| site.owner("acme"))).await;
    site.close().await;
    let count = async |store: &Store| tenant::all(store).await.map(|all| all.len());
    for counted in join_all((0..8).map(|_| count(&db.store))).await {
        assert_eq!(counted.expect("the tenants"), 1);
    }
});
