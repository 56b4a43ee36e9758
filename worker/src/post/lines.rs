//! How the connections of a crew stand.

use std::sync::Mutex;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// How the connections of a crew stand, seen from all of them.
#[derive(Default)]
pub(super) struct Lines {
    state: Mutex<State>,
    changed: Notify,
    /// Set when the crew is to go home: nobody opens a connection any more.
    pub(super) closing: CancellationToken,
}

#[derive(Default)]
struct State {
    /// How many are open. A message is claimed only for a connection that is there, since a permit does not outlive the
    /// time that opening one may take.
    open: usize,
    /// How many are being opened.
    opening: usize,
    /// Why there is no use in claiming more, if there is none.
    stalled: Option<Stall>,
}

enum Stall {
    /// The server gives no connection at all.
    Unreachable(String),
    /// The server would refuse whatever we send, or the crew has come to grief.
    Refused(String),
}

impl Stall {
    fn reason(&self) -> &str {
        match self {
            Self::Unreachable(reason) | Self::Refused(reason) => reason,
        }
    }
}

impl Lines {
    fn change(&self, change: impl FnOnce(&mut State)) {
        // Nobody panics with this in their hands.
        if let Ok(mut state) = self.state.lock() {
            change(&mut state);
        }
        self.changed.notify_waiters();
        self.changed.notify_one();
    }

    fn see<T: Default>(&self, see: impl FnOnce(&State) -> T) -> T {
        self.state.lock().map(|state| see(&state)).unwrap_or_default()
    }

    pub(super) fn begins_to_open(&self) {
        self.change(|state| state.opening += 1);
    }

    pub(super) fn has_opened(&self) {
        self.change(|state| {
            state.opening = state.opening.saturating_sub(1);
            state.open += 1;
        });
    }

    /// A connection could not be opened. While others are there, the server takes only so many.
    pub(super) fn could_not_open(&self, reason: &str) {
        self.change(|state| {
            state.opening = state.opening.saturating_sub(1);
            if state.open == 0 && state.opening == 0 && state.stalled.is_none() {
                state.stalled = Some(Stall::Unreachable(reason.to_owned()));
            }
        });
    }

    pub(super) fn has_closed(&self) {
        self.change(|state| state.open = state.open.saturating_sub(1));
    }

    /// Nothing more is to be claimed: the server would refuse whatever we send.
    pub(super) fn stall(&self, reason: &str) {
        self.change(|state| {
            state
                .stalled
                .get_or_insert_with(|| Stall::Refused(reason.to_owned()));
        });
    }

    /// How many connections are open.
    pub(super) fn open(&self) -> usize {
        self.see(|state| state.open)
    }

    /// Why there is no use in claiming more, if there is none.
    pub(super) fn stalled(&self) -> Option<String> {
        self.see(|state| state.stalled.as_ref().map(|stall| stall.reason().to_owned()))
    }

    /// Why the server gives no connection at all, if it does not.
    pub(super) fn unreachable(&self) -> Option<String> {
        self.see(|state| match &state.stalled {
            Some(Stall::Unreachable(reason)) => Some(reason.clone()),
            Some(Stall::Refused(_)) | None => None,
        })
    }

    pub(super) fn is_stalled(&self) -> bool {
        self.see(|state| state.stalled.is_some())
    }

    /// Waits until a connection is open or it is clear that none will be. Waiting may be given up.
    pub(super) async fn until_open(&self) {
        loop {
            let changed = self.changed.notified();
            if self.open() > 0 || self.is_stalled() {
                return;
            }
            changed.await;
        }
    }
}
