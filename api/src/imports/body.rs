//! The body of an upload: as it is, or unpacked, never more of it than is allowed, and never whole in memory.

use std::io::{self, Write};
use std::time::Instant;

use actix_web::HttpRequest;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use actix_web::web::Payload;
use assent_entity::import::Reception;
use flate2::write::MultiGzDecoder;
use futures::StreamExt;

use super::Refused;
use crate::pace::{Pace, TooSlow};
use crate::places::LONGEST;
use crate::uploads::Uploads;

/// How much of a packed body is unpacked at once, in octets: it may become a thousand times as large.
const PACKED_AT_ONCE: usize = 4 * 1024;

const MIB: u64 = 1024 * 1024;

/// A body that is still to come.
pub(super) struct Body {
    payload: Payload,
    pace: Pace,
    is_packed: bool,
    limit: u64,
}

impl Body {
    pub(super) fn of(request: &HttpRequest, payload: Payload, taken: &Uploads) -> Result<Self, Refused> {
        let limit = taken.table_octets;
        let mut encodings = request.headers().get_all(CONTENT_ENCODING);
        let is_packed = match (encodings.next(), encodings.next()) {
            (None, _) => false,
            (Some(one), None) => match one.to_str().map(str::to_ascii_lowercase).as_deref() {
                Ok("identity") => false,
                Ok("gzip" | "x-gzip") => true,
                _ => return Err(Refused::Encoding),
            },
            _ => return Err(Refused::Encoding),
        };
        let length = request.headers().get(CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if length.is_some_and(|length| length > limit) {
            return Err(Refused::TooLarge(limit / MIB));
        }
        Ok(Self {
            payload,
            pace: Pace::new(taken.least_pace),
            is_packed,
            limit,
        })
    }

    /// Gives all of it, a little at a time.
    pub(super) async fn pour(mut self, into: &mut Reception) -> Result<(), Refused> {
        let began = Instant::now();
        let mut poured = Poured {
            into,
            octets: 0,
            limit: self.limit,
        };
        let mut unpacking = self.is_packed.then(|| MultiGzDecoder::new(Vec::new()));
        loop {
            let next = self.pace.next(self.payload.next()).await;
            let octets = match next.map_err(|TooSlow| Refused::TooSlow)? {
                Some(Ok(octets)) => octets,
                Some(Err(_)) => return Err(Refused::BrokenOff),
                None => break,
            };
            if began.elapsed() > LONGEST {
                return Err(Refused::TooSlow);
            }
            match &mut unpacking {
                None => poured.take(&octets).await?,
                Some(unpacking) => {
                    for some in octets.chunks(PACKED_AT_ONCE) {
                        unpacking.write_all(some).map_err(not_gzip)?;
                        poured.drain(unpacking.get_mut()).await?;
                    }
                }
            }
        }
        if let Some(mut unpacking) = unpacking {
            unpacking.try_finish().map_err(not_gzip)?;
            poured.drain(unpacking.get_mut()).await?;
        }
        Ok(())
    }
}

fn not_gzip(_: io::Error) -> Refused {
    Refused::NotGzip
}

/// What has been given so far.
struct Poured<'a> {
    into: &'a mut Reception,
    octets: u64,
    limit: u64,
}

impl Poured<'_> {
    async fn drain(&mut self, unpacked: &mut Vec<u8>) -> Result<(), Refused> {
        self.take(unpacked).await?;
        unpacked.clear();
        Ok(())
    }

    async fn take(&mut self, octets: &[u8]) -> Result<(), Refused> {
        self.octets += octets.len() as u64;
        if self.octets > self.limit {
            return Err(Refused::TooLarge(self.limit / MIB));
        }
        Ok(self.into.push(octets).await?)
    }
}
