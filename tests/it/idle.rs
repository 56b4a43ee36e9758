//! What a server does while there is nothing to do: next to nothing.

use std::time::Duration;

use assent_tests::on_both;
use assent_worker::Workers;

use crate::erasure::worker;

/// The processor time of this process so far, in hundredths of a second (proc(5), /proc/pid/stat, 14 and 15).
fn processor_time() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("a process");
    let (_, behind_the_name) = stat.rsplit_once(')').expect("a name");
    let fields: Vec<_> = behind_the_name.split_whitespace().collect();
    let spent = |field: usize| fields[field].parse::<u64>().expect("a number");
    spent(11) + spent(12)
}

on_both!(workers_without_work_leave_the_processor_to_others, async |db| {
    db.house("acme").await;
    let site = db.site();
    let workers = Workers::start(db.store.clone(), worker(db, &site)).await.unwrap();
    // The first look at everything.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let before = processor_time();
    tokio::time::sleep(Duration::from_secs(4)).await;
    let spent = processor_time() - before;
    assert!(spent < 60, "{spent} hundredths of a second of four seconds");
    workers.stop().await;
    site.close().await;
});
