//! The server itself: what it leaves behind, when it stops and when a request is given up.

use assent_entity::{Store, session, tenant};
use assent_tests::on_both;
use futures::future::join_all;
use tokio::task::yield_now;

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

on_both!(
    what_is_given_up_on_the_way_leaves_nothing_set_for_the_next,
    async |db| {
        db.bare_house("acme").await;
        for patience in 0..200 {
            let wait = async {
                for _ in 0..patience {
                    yield_now().await;
                }
            };
            tokio::select! {
                biased;
                () = wait => {}
                read = tenant::all(&db.store) => assert_eq!(read.expect("the tenants").len(), 1),
            }
            // What was begun only to read could not write, and one of another door would see what is not its own.
            session::note_failures(&db.store, "acme", db.store.now(), 1)
                .await
                .expect("a transaction that writes");
        }
    }
);
