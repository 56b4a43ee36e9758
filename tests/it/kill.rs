//! A campaign under fire, at a size that an ordinary run can bear: `tests/load/kill` does it with 50,000 people.

#![expect(
    clippy::print_stdout,
    reason = "the figures of a run are worth seeing with --nocapture"
)]

use assent_tests::kill::{Size, under_fire};
use assent_tests::on_both;

on_both!(
    p18_killed_and_fought_a_campaign_ends_with_everybody_final_and_nobody_twice,
    async |db| {
        let size = Size {
            people: 2000,
            kills: 2,
            opt_outs: 60,
        };
        let seed = rand::random();
        println!("seed {seed}");
        println!("{:#?}", under_fire(db, size, seed).await);
    }
);
